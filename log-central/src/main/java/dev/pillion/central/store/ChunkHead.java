package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a chunk says of itself beside its columns: enough for counts, histograms and source lists
 * without reading a record. Written once, then read where it lies: only the first numbers are taken
 * out at once.
 */
final class ChunkHead {

    static final long MINUTE = 60_000_000_000L;

    /** Severity bands: 0 unset, then one for each four numbers. */
    static final int BANDS = 7;

    static final int SEVERITIES = 25;

    private static final int VERSION = 2;

    private final byte[] bytes;
    private final int end;
    private final int rest;
    private final int count;
    private final long earliest;
    private final long latest;
    private final long first;
    private final long last;
    private final int minutesLength;

    /**
     * @param bytes used as long as this is
     */
    ChunkHead(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        end = from + length;
        Bytes.Reader in = new Bytes.Reader(bytes, from, end);
        int version = (int) in.varint();
        if (version != VERSION) {
            throw new IllegalStateException("chunk head version " + version + " is not known");
        }
        count = (int) in.varint();
        earliest = in.zigzag();
        latest = earliest + in.varint();
        first = in.varint();
        last = first + in.varint();
        minutesLength = (int) in.varint();
        rest = in.position();
    }

    static int band(int severity) {
        return severity == 0 ? 0 : (severity + 3) / 4;
    }

    static byte[] encode(Rows rows) {
        int[] severities = new int[SEVERITIES];
        TreeMap<Long, int[]> minutes = new TreeMap<>();
        long lastMinute = Long.MIN_VALUE;
        int[] counts = new int[0];
        for (int i = 0; i < rows.count(); i++) {
            severities[rows.severities()[i]]++;
            long minute = Math.floorDiv(rows.times()[i], MINUTE);
            if (minute != lastMinute) {
                counts = minutes.computeIfAbsent(minute, unused -> new int[BANDS]);
                lastMinute = minute;
            }
            counts[band(rows.severities()[i])]++;
        }
        Bytes byMinute = new Bytes();
        byMinute.varint(minutes.size());
        long before = 0;
        for (Map.Entry<Long, int[]> minute : minutes.entrySet()) {
            byMinute.zigzag(minute.getKey() - before);
            before = minute.getKey();
            for (int value : minute.getValue()) {
                byMinute.varint(value);
            }
        }
        Bytes out = new Bytes();
        out.varint(VERSION);
        out.varint(rows.count());
        out.zigzag(rows.earliest());
        out.varint(rows.latest() - rows.earliest());
        out.varint(rows.first());
        out.varint(rows.last() - rows.first());
        out.varint(byMinute.size());
        out.put(byMinute);
        for (int severity : severities) {
            out.varint(severity);
        }
        put(out, rows.resource());
        out.varint(rows.scopes().length);
        for (Origin scope : rows.scopes()) {
            put(out, scope);
        }
        return out.toBytes();
    }

    private static void put(Bytes out, Origin origin) {
        byte[] url = origin.schemaUrl().getBytes(StandardCharsets.UTF_8);
        out.varint(url.length);
        out.put(url, 0, url.length);
        out.varint(origin.message().length);
        out.put(origin.message(), 0, origin.message().length);
    }

    int count() {
        return count;
    }

    long earliest() {
        return earliest;
    }

    long latest() {
        return latest;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /** Takes the records of a minute in a severity band. */
    interface MinuteVisitor {
        /**
         * @param minute since the epoch
         */
        void count(long minute, int band, int records);
    }

    void minutes(MinuteVisitor visitor) {
        Bytes.Reader in = new Bytes.Reader(bytes, rest, end);
        long minute = 0;
        for (int left = (int) in.varint(); left > 0; left--) {
            minute += in.zigzag();
            for (int band = 0; band < BANDS; band++) {
                int records = (int) in.varint();
                if (records > 0) {
                    visitor.count(minute, band, records);
                }
            }
        }
    }

    /** Adds the records of each severity number. */
    void addSeverities(long[] counts) {
        Bytes.Reader in = afterMinutes();
        for (int i = 0; i < SEVERITIES; i++) {
            counts[i] += in.varint();
        }
    }

    Origin resource() {
        Bytes.Reader in = afterMinutes();
        for (int i = 0; i < SEVERITIES; i++) {
            in.varint();
        }
        return origin(in);
    }

    Origin[] scopes() {
        Bytes.Reader in = afterMinutes();
        for (int i = 0; i < SEVERITIES; i++) {
            in.varint();
        }
        origin(in);
        Origin[] scopes = new Origin[(int) in.varint()];
        for (int i = 0; i < scopes.length; i++) {
            scopes[i] = origin(in);
        }
        return scopes;
    }

    private Bytes.Reader afterMinutes() {
        return new Bytes.Reader(bytes, rest + minutesLength, end);
    }

    private static Origin origin(Bytes.Reader in) {
        String url = new String(in.bytes((int) in.varint()), StandardCharsets.UTF_8);
        return new Origin(in.bytes((int) in.varint()), url);
    }
}
