package dev.pillion.central.head;

import dev.pillion.central.ingest.Origin;

/**
 * Records of one resource, in the order they came: what the head holds, what a chunk is written
 * from and what it is read back to. The arrays may be longer than {@code count} and must not be
 * changed below it, so a reader may keep a {@code Rows} without a lock while its chunk grows.
 *
 * @param scopes the scopes that {@code scope} points into
 * @param data the records' own bytes, one behind the other
 * @param offsets where each begins; {@code offsets[count]} is the end of the last
 * @param times epoch nanoseconds by which each is found
 * @param numbers the record's number: its place in the order of arrival, and its id
 * @param scope index into {@code scopes}
 * @param severities severity numbers, 0 to 24
 */
@SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
public record Rows(
        Origin resource,
        Origin[] scopes,
        byte[] data,
        int[] offsets,
        long[] times,
        long[] numbers,
        int[] scope,
        byte[] severities,
        int count) {

    /** What a row takes in the arrays beside {@code data}, in bytes. */
    private static final int ROW_BYTES = 4 + 8 + 8 + 4 + 1;

    /** No rows. */
    public static Rows none(Origin resource) {
        return new Rows(
                resource,
                new Origin[0],
                new byte[0],
                new int[1],
                new long[0],
                new long[0],
                new int[0],
                new byte[0],
                0);
    }

    /** The bytes of the records themselves. */
    public int bytes() {
        return offsets[count];
    }

    /** The bytes that its arrays take, what is not filled yet included. */
    public long memory() {
        return memory(data.length, times.length);
    }

    /**
     * The bytes that arrays take.
     *
     * @param data bytes for the records
     * @param rows how many there is place for
     */
    static long memory(int data, int rows) {
        return data + (long) rows * ROW_BYTES;
    }

    /** The earliest time; only for rows that are not empty. */
    public long earliest() {
        long min = times[0];
        for (int i = 1; i < count; i++) {
            min = Math.min(min, times[i]);
        }
        return min;
    }

    /** The latest time; only for rows that are not empty. */
    public long latest() {
        long max = times[0];
        for (int i = 1; i < count; i++) {
            max = Math.max(max, times[i]);
        }
        return max;
    }

    /** The number of the first record. */
    public long first() {
        return numbers[0];
    }

    /** The number of the last record. */
    public long last() {
        return numbers[count - 1];
    }
}
