package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.frame.Scan;
import dev.pillion.adapter.parse.Attribute;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.Slice;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes an OTLP {@code ExportLogsServiceRequest} (opentelemetry-proto, collector/logs/v1) by hand,
 * without an object a record. Records stand in the order they were added; a new {@code ScopeLogs}
 * begins whenever the logger changes. Reused from batch to batch; owned by one thread.
 */
public final class OtlpEncoder {

    /**
     * A request is never 2^28 bytes long. Decoders take a varint that is longer than it need be
     * (protobuf's encoding document: at most ten bytes).
     */
    private static final int OPEN_LENGTH_BYTES = 4;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] POSITION = "log.file.position".getBytes(StandardCharsets.US_ASCII);

    /** More than all of a record but its texts and attributes. */
    private static final int FIXED_BYTES = 128;

    /** In {@link #place}: the time, and the attribute's length. */
    private static final int PLACE_TIME = 1;

    private static final int PLACE_LENGTH = 10;

    /** What says of each byte of a varint that another follows, of the longest. */
    private static final long FOLLOWED = 0x0080_8080_8080_8080L;

    private static final Slice NO_SCOPE = new Slice();

    private byte[] trusted = {};

    /** A line that is not trusted. */
    private final Slice line = new Slice();

    /** What a record ends with, up to its position: when it was read, the attribute's key. */
    private final byte[] place = place();

    private byte[] out;
    private int at;
    private int resourceLogs = -1;
    private int scopeLogs = -1;
    private byte[] scope = new byte[128];
    private int scopeLength = -1;
    private int records;

    /** For requests. */
    public OtlpEncoder() {
        this(256 * 1024);
    }

    private OtlpEncoder(int room) {
        out = new byte[room];
    }

    /**
     * Begins a request with one resource.
     *
     * @param resource the encoded {@code Resource} message
     * @param observedNanos when the records were read
     * @param utf8 what is added of this array is UTF-8; what is added of others is looked at
     */
    public void begin(byte[] resource, long observedNanos, byte[] utf8) {
        at = 0;
        trusted = utf8;
        LONGS.set(place, PLACE_TIME, observedNanos);
        records = 0;
        scopeLogs = -1;
        scopeLength = -1;
        ensure(resource.length + 32);
        resourceLogs = open(1);
        varint(1 << 3 | 2);
        varint(resource.length);
        System.arraycopy(resource, 0, out, at, resource.length);
        at += resource.length;
    }

    private static byte[] place() {
        return ByteBuffer.allocate(PLACE_LENGTH + 6 + POSITION.length)
                .put((byte) (11 << 3 | 1))
                .putLong(0)
                .put((byte) (6 << 3 | 2))
                .put((byte) 0)
                .put((byte) (1 << 3 | 2))
                .put((byte) POSITION.length)
                .put(POSITION)
                .put((byte) (2 << 3 | 2))
                .put((byte) 0)
                .put((byte) (3 << 3))
                .array();
    }

    /** Positions in {@link #place} have so many bytes from now on; returns how long it is then. */
    private int positionBytes(int bytes) {
        place[PLACE_LENGTH] = (byte) (place.length - PLACE_LENGTH - 1 + bytes);
        place[place.length - 2] = (byte) (1 + bytes);
        return place.length + bytes;
    }

    /** Encodes a {@code Resource} of string attributes: name, value, name, value … */
    public static byte[] resource(Iterable<java.util.Map.Entry<String, String>> attributes) {
        OtlpEncoder encoder = new OtlpEncoder(1024);
        for (var attribute : attributes) {
            byte[] key = attribute.getKey().getBytes(StandardCharsets.UTF_8);
            byte[] value = attribute.getValue().getBytes(StandardCharsets.UTF_8);
            encoder.ensure(key.length + value.length + 64);
            int size = stringAttributeSize(key.length, value.length);
            encoder.varint(1 << 3 | 2);
            encoder.varint(size);
            encoder.stringAttribute(key, 0, key.length, value, 0, value.length);
        }
        return Arrays.copyOf(encoder.out, encoder.at);
    }

    /**
     * Adds a record.
     *
     * @param position offset of the record's first byte in its file
     */
    public void add(ParsedRecord record, long position) {
        Slice body = record.body();
        Slice text = record.severityText();
        mend(body);
        mend(text);
        scope(record.scope());
        ensure(FIXED_BYTES + text.length() + body.length());
        int content = open(2);
        if (record.timeNanos() != 0) {
            out[at++] = 1 << 3 | 1;
            fixed64(record.timeNanos());
        }
        if (record.severity() != 0) {
            out[at++] = 2 << 3;
            out[at++] = (byte) record.severity();
        }
        if (text.length() > 0) {
            bytes(3, text);
        }
        head(5, fieldSize(body.length()));
        bytes(1, body);
        int count = record.attributeCount();
        for (int i = 0; i < count; i++) {
            attribute(record.attribute(i));
        }
        if (record.droppedAttributes() > 0) {
            out[at++] = 7 << 3;
            varint(record.droppedAttributes());
        }
        if (record.traced()) {
            out[at++] = 9 << 3 | 2;
            out[at++] = 16;
            System.arraycopy(record.traceId(), 0, out, at, 16);
            at += 16;
        }
        if (record.spanned()) {
            out[at++] = 10 << 3 | 2;
            out[at++] = 8;
            System.arraycopy(record.spanId(), 0, out, at, 8);
            at += 8;
        }
        positionBytes(varintSize(position));
        System.arraycopy(place, 0, out, at, place.length);
        at += place.length;
        varint(position);
        close(content);
        records++;
    }

    /**
     * Adds records that are a line each and nothing but it, as {@link #add} would: with a backlog
     * of such lines this loop is most of the work, so that what is the same for all is made once.
     *
     * @param framed whose records {@code [first, end)} they are, at least one
     * @param base offset in the file of what is the first byte of {@code text}
     */
    void lines(byte[] text, Framer framed, int first, int end, long base) {
        scope(NO_SCOPE);
        int width = varintSize(base + framed.start(end - 1));
        int placeBytes = positionBytes(width);
        long followed = FOLLOWED & ((1L << (8 * (width - 1))) - 1);
        boolean trusted = text == this.trusted;
        byte[] to = out;
        int write = at;
        int from = framed.start(first);
        for (int i = first; i < end; i++) {
            int next = framed.end(i);
            int begin = Scan.textFrom(text, from, next);
            int length = Scan.textTo(text, begin, next) - begin;
            byte[] array = text;
            if (!trusted) {
                line.set(text, begin, begin + length);
                Utf8.mend(line);
                array = line.array();
                begin = line.from();
                length = line.length();
            }
            if (write + FIXED_BYTES + length > to.length) {
                at = write;
                ensure(FIXED_BYTES + length);
                to = out;
            }
            int body = fieldSize(length);
            write = head(to, write, 2, fieldSize(body) + placeBytes);
            write = head(to, write, 5, body);
            write = head(to, write, 1, length);
            System.arraycopy(array, begin, to, write, length);
            write += length;
            System.arraycopy(place, 0, to, write, place.length);
            LONGS.set(to, write + place.length, groups(base + from) | followed);
            write += placeBytes;
            from = next;
        }
        at = write;
        records += end - first;
    }

    private void mend(Slice text) {
        if (text.length() > 0 && text.array() != trusted) {
            Utf8.mend(text);
        }
    }

    /** Ends the request: {@link #bytes} and {@link #length} are it. */
    public void finish() {
        closeScope();
        close(resourceLogs);
        resourceLogs = -1;
    }

    public byte[] bytes() {
        return out;
    }

    public int length() {
        return at;
    }

    /** Records added since {@link #begin}. */
    public int records() {
        return records;
    }

    private void scope(Slice wanted) {
        int length = wanted.length();
        if (scopeLogs >= 0 && length == 0 && scopeLength == 0) {
            return;
        }
        mend(wanted);
        if (scopeLogs >= 0
                && Arrays.equals(
                        scope,
                        0,
                        scopeLength,
                        wanted.array(),
                        wanted.from(),
                        wanted.from() + wanted.length())) {
            return;
        }
        closeScope();
        ensure(wanted.length() + 64);
        scopeLogs = open(2);
        scopeLength = wanted.length();
        if (scope.length < scopeLength) {
            scope = new byte[scopeLength * 2];
        }
        System.arraycopy(wanted.array(), wanted.from(), scope, 0, scopeLength);
        if (scopeLength > 0) {
            out[at++] = 1 << 3 | 2;
            varint(1 + varintSize(scopeLength) + scopeLength);
            bytes(1, wanted);
        }
    }

    private void closeScope() {
        if (scopeLogs >= 0) {
            close(scopeLogs);
            scopeLogs = -1;
        }
    }

    /** Leaves room for a length that is not yet known; returns where the content begins. */
    private int open(int field) {
        out[at++] = (byte) (field << 3 | 2);
        at += OPEN_LENGTH_BYTES;
        return at;
    }

    /** Writes the length of what was opened; its varint is padded, so that nothing is moved. */
    private void close(int content) {
        int length = at - content;
        INTS.set(out, content - OPEN_LENGTH_BYTES, (int) groups(length) | 0x808080);
    }

    /** The groups of seven bits of a number below 2^56, the lowest first, a byte each. */
    private static long groups(long number) {
        long halves = (number & 0x0FFF_FFFFL) | (number & 0x00FF_FFFF_F000_0000L) << 4;
        long quarters = (halves & 0x0000_3FFF_0000_3FFFL) | (halves & 0x0FFF_C000_0FFF_C000L) << 2;
        return (quarters & 0x007F_007F_007F_007FL) | (quarters & 0x3F80_3F80_3F80_3F80L) << 1;
    }

    private static int attributeSize(Attribute attribute) {
        int key = attribute.key().length();
        return switch (attribute.kind()) {
            case STRING -> stringAttributeSize(key, attribute.text().length());
            case INTEGER -> intAttributeSize(key, attribute.number());
            case DOUBLE -> 1 + varintSize(key) + key + 2 + 9;
            case BOOLEAN -> 1 + varintSize(key) + key + 2 + 2;
        };
    }

    private void attribute(Attribute attribute) {
        Slice key = attribute.key();
        mend(key);
        mend(attribute.text());
        int size = attributeSize(attribute);
        ensure(FIXED_BYTES + size);
        head(6, size);
        switch (attribute.kind()) {
            case STRING -> {
                Slice text = attribute.text();
                stringAttribute(
                        key.array(),
                        key.from(),
                        key.length(),
                        text.array(),
                        text.from(),
                        text.length());
            }
            case INTEGER -> intAttribute(key, attribute.number());
            case DOUBLE -> {
                bytes(1, key);
                out[at++] = 2 << 3 | 2;
                out[at++] = 9;
                out[at++] = 4 << 3 | 1;
                fixed64(Double.doubleToRawLongBits(attribute.decimal()));
            }
            case BOOLEAN -> {
                bytes(1, key);
                out[at++] = 2 << 3 | 2;
                out[at++] = 2;
                out[at++] = 2 << 3;
                out[at++] = (byte) attribute.number();
            }
        }
    }

    private static int stringAttributeSize(int key, int value) {
        int any = 1 + varintSize(value) + value;
        return 1 + varintSize(key) + key + 1 + varintSize(any) + any;
    }

    private void stringAttribute(
            byte[] key, int keyFrom, int keyLength, byte[] value, int from, int length) {
        out[at++] = 1 << 3 | 2;
        varint(keyLength);
        System.arraycopy(key, keyFrom, out, at, keyLength);
        at += keyLength;
        out[at++] = 2 << 3 | 2;
        varint(1 + varintSize(length) + length);
        out[at++] = 1 << 3 | 2;
        varint(length);
        System.arraycopy(value, from, out, at, length);
        at += length;
    }

    private static int intAttributeSize(int key, long value) {
        return 1 + varintSize(key) + key + 2 + 1 + varintSize(value);
    }

    private void intAttribute(Slice key, long value) {
        bytes(1, key);
        head(2, 1 + varintSize(value));
        out[at++] = 3 << 3;
        varint(value);
    }

    private void bytes(int field, Slice slice) {
        int length = slice.length();
        head(field, length);
        System.arraycopy(slice.array(), slice.from(), out, at, length);
        at += length;
    }

    /** Number and length of a field that has a length; its number is below 16. */
    private void head(int field, int length) {
        at = head(out, at, field, length);
    }

    /** Returns where the field's content begins. */
    private static int head(byte[] to, int at, int field, int length) {
        to[at] = (byte) (field << 3 | 2);
        int end = at + 1;
        int rest = length;
        while (rest > 0x7F) {
            to[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[end] = (byte) rest;
        return end + 1;
    }

    /** A field that has a length, number and length included. */
    private static int fieldSize(int length) {
        return 1 + varintSize(length) + length;
    }

    private void ensure(int more) {
        if (at + more > out.length) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, at + more));
        }
    }

    private void fixed64(long value) {
        LONGS.set(out, at, value);
        at += 8;
    }

    private void varint(long value) {
        byte[] to = out;
        int end = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            to[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        to[end++] = (byte) rest;
        at = end;
    }

    static int varintSize(int length) {
        return length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4;
    }

    static int varintSize(long value) {
        int size = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }
}
