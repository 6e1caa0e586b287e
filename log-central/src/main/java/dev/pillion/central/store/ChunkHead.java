package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a chunk says of itself beside its columns, enough for counts, histograms and source lists
 * without reading a record.
 *
 * @param minutes per epoch minute, records of each severity band: unset, trace, debug, info, warn,
 *     error, fatal
 */
@SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
record ChunkHead(
        int count,
        long earliest,
        long latest,
        long first,
        long last,
        long bytes,
        Origin resource,
        Origin[] scopes,
        int[] severities,
        Map<Long, int[]> minutes) {

    static final long MINUTE = 60_000_000_000L;

    /** Severity bands: 0 unset, then one for each four numbers. */
    static final int BANDS = 7;

    private static final int VERSION = 1;

    static int band(int severity) {
        return severity == 0 ? 0 : (severity + 3) / 4;
    }

    static ChunkHead of(Rows rows) {
        int[] severities = new int[25];
        TreeMap<Long, int[]> minutes = new TreeMap<>();
        long lastMinute = Long.MIN_VALUE;
        int[] counts = null;
        for (int i = 0; i < rows.count(); i++) {
            severities[rows.severities()[i]]++;
            long minute = Math.floorDiv(rows.times()[i], MINUTE);
            if (counts == null || minute != lastMinute) {
                counts = minutes.computeIfAbsent(minute, unused -> new int[BANDS]);
                lastMinute = minute;
            }
            counts[band(rows.severities()[i])]++;
        }
        return new ChunkHead(
                rows.count(),
                rows.earliest(),
                rows.latest(),
                rows.first(),
                rows.last(),
                rows.offsets()[rows.count()],
                rows.resource(),
                rows.scopes(),
                severities,
                minutes);
    }

    byte[] encode() {
        Bytes out = new Bytes();
        out.varint(VERSION);
        out.varint(count);
        out.zigzag(earliest);
        out.varint(latest - earliest);
        out.varint(first);
        out.varint(last - first);
        out.varint(bytes);
        put(out, resource);
        out.varint(scopes.length);
        for (Origin scope : scopes) {
            put(out, scope);
        }
        for (int severity : severities) {
            out.varint(severity);
        }
        out.varint(minutes.size());
        long before = 0;
        for (Map.Entry<Long, int[]> minute : minutes.entrySet()) {
            out.zigzag(minute.getKey() - before);
            before = minute.getKey();
            for (int value : minute.getValue()) {
                out.varint(value);
            }
        }
        return out.toBytes();
    }

    static ChunkHead decode(byte[] bytes, int from, int length) {
        Bytes.Reader in = new Bytes.Reader(bytes, from, from + length);
        int version = (int) in.varint();
        if (version != VERSION) {
            throw new IllegalStateException("chunk head version " + version + " is not known");
        }
        int count = (int) in.varint();
        long earliest = in.zigzag();
        long latest = earliest + in.varint();
        long first = in.varint();
        long last = first + in.varint();
        long size = in.varint();
        Origin resource = origin(in);
        Origin[] scopes = new Origin[(int) in.varint()];
        for (int i = 0; i < scopes.length; i++) {
            scopes[i] = origin(in);
        }
        int[] severities = new int[25];
        for (int i = 0; i < severities.length; i++) {
            severities[i] = (int) in.varint();
        }
        int minuteCount = (int) in.varint();
        TreeMap<Long, int[]> minutes = new TreeMap<>();
        long minute = 0;
        for (int i = 0; i < minuteCount; i++) {
            minute += in.zigzag();
            int[] counts = new int[BANDS];
            for (int k = 0; k < BANDS; k++) {
                counts[k] = (int) in.varint();
            }
            minutes.put(minute, counts);
        }
        return new ChunkHead(
                count, earliest, latest, first, last, size, resource, scopes, severities, minutes);
    }

    private static void put(Bytes out, Origin origin) {
        byte[] url = origin.schemaUrl().getBytes(StandardCharsets.UTF_8);
        out.varint(url.length);
        out.put(url, 0, url.length);
        out.varint(origin.message().length);
        out.put(origin.message(), 0, origin.message().length);
    }

    private static Origin origin(Bytes.Reader in) {
        String url = new String(in.bytes((int) in.varint()), StandardCharsets.UTF_8);
        return new Origin(in.bytes((int) in.varint()), url);
    }
}
