package dev.pillion.adapter.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A record in the terms of OpenTelemetry's logs data model, as slices of the bytes it was read from
 * (or of a scratch array, where an escape had to be resolved). Reused from record to record, so
 * that the data path makes no objects a line; owned by one thread and valid until the next parse.
 *
 * @see dev.pillion.adapter.redact.Redactor
 * @see dev.pillion.adapter.ship.OtlpEncoder
 */
public final class ParsedRecord {

    /** More attributes than this a record are dropped and counted. */
    static final int ATTRIBUTE_LIMIT = 128;

    /** Severity number of WARN in OpenTelemetry's logs data model. */
    private static final int WARN = 13;

    private static final byte[] WARN_TEXT = key("WARN");
    private static final byte[] EVENT_NAME = key("event.name");
    private static final byte[] GAP = key("log.gap");
    private static final byte[] CONTINUES = key("log.record.continues");
    private static final byte[] GAP_BYTES = key("log.gap.bytes");

    private final List<Attribute> attributes = new ArrayList<>();
    private int attributeCount;
    private int droppedAttributes;

    long timeNanos;
    int severity;
    final Slice severityText = new Slice();
    final Slice body = new Slice();
    final Slice scope = new Slice();
    final byte[] traceId = new byte[16];
    final byte[] spanId = new byte[8];
    boolean traced;
    boolean spanned;
    boolean recognised;

    /** Where resolved escapes go. */
    byte[] scratch = new byte[4096];

    int scratchLength;

    void clear() {
        attributeCount = 0;
        droppedAttributes = 0;
        timeNanos = 0;
        severity = 0;
        severityText.clear();
        body.clear();
        scope.clear();
        traced = false;
        spanned = false;
        recognised = false;
        scratchLength = 0;
    }

    /**
     * Becomes the record that tells a loss: an event {@code log.gap} of severity WARN.
     *
     * @param nanos when it was noticed
     * @param text for people
     * @param bytes how many are lost
     */
    public void gap(long nanos, byte[] text, long bytes) {
        clear();
        timeNanos = nanos;
        severity = WARN;
        severityText.set(WARN_TEXT, 0, WARN_TEXT.length);
        body.set(text, 0, text.length);
        add(EVENT_NAME, GAP, 0, GAP.length);
        add(GAP_BYTES, bytes);
        recognised = true;
    }

    /** It is a part of a record that was too long, and another part follows. */
    public void continues() {
        add(CONTINUES, true);
    }

    /** Room for {@code bytes} more in the scratch array; earlier slices keep the old array. */
    void reserve(int bytes) {
        if (scratchLength + bytes > scratch.length) {
            scratch = Arrays.copyOf(scratch, Math.max(scratch.length * 2, scratchLength + bytes));
        }
    }

    private Attribute next() {
        if (attributeCount == ATTRIBUTE_LIMIT) {
            droppedAttributes++;
            return null;
        }
        if (attributeCount == attributes.size()) {
            attributes.add(new Attribute());
        }
        return attributes.get(attributeCount++);
    }

    void add(byte[] key, byte[] array, int from, int to) {
        Attribute attribute = next();
        if (attribute != null) {
            attribute.key.set(key, 0, key.length);
            attribute.kind = Attribute.Kind.STRING;
            attribute.text.set(array, from, to);
        }
    }

    void add(byte[] keyArray, int keyFrom, int keyTo, byte[] array, int from, int to) {
        Attribute attribute = next();
        if (attribute != null) {
            attribute.key.set(keyArray, keyFrom, keyTo);
            attribute.kind = Attribute.Kind.STRING;
            attribute.text.set(array, from, to);
        }
    }

    void add(byte[] key, long number) {
        Attribute attribute = next();
        if (attribute != null) {
            attribute.key.set(key, 0, key.length);
            attribute.kind = Attribute.Kind.INTEGER;
            attribute.number = number;
        }
    }

    void add(byte[] key, double decimal) {
        Attribute attribute = next();
        if (attribute != null) {
            attribute.key.set(key, 0, key.length);
            attribute.kind = Attribute.Kind.DOUBLE;
            attribute.decimal = decimal;
        }
    }

    void add(byte[] key, boolean value) {
        Attribute attribute = next();
        if (attribute != null) {
            attribute.key.set(key, 0, key.length);
            attribute.kind = Attribute.Kind.BOOLEAN;
            attribute.number = value ? 1 : 0;
        }
    }

    static byte[] key(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** Nanoseconds since 1970, or 0 if the record tells no time. */
    public long timeNanos() {
        return timeNanos;
    }

    /** 1–24, or 0 if the record tells none. */
    public int severity() {
        return severity;
    }

    /** The level as it was written. */
    public Slice severityText() {
        return severityText;
    }

    public Slice body() {
        return body;
    }

    /** The logger. */
    public Slice scope() {
        return scope;
    }

    /** How many of {@link #attribute} there are. */
    public int attributeCount() {
        return attributeCount;
    }

    public Attribute attribute(int index) {
        return attributes.get(index);
    }

    /** Attributes beyond the limit. */
    public int droppedAttributes() {
        return droppedAttributes;
    }

    /** 16 bytes if {@link #traced}. */
    public byte[] traceId() {
        return traceId;
    }

    /** 8 bytes if {@link #spanned}. */
    public byte[] spanId() {
        return spanId;
    }

    public boolean traced() {
        return traced;
    }

    public boolean spanned() {
        return spanned;
    }

    /** Whether the dialect explained the record; what was not explained is all body. */
    public boolean recognised() {
        return recognised;
    }

    /** The bytes behind slices that are not of the record itself. */
    public byte[] scratch() {
        return scratch;
    }

    /** How much of {@link #scratch} is in use. */
    public int scratchLength() {
        return scratchLength;
    }
}
