package dev.pillion.central.head;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Origin;

import java.util.Arrays;

/** The records of one resource and day that are not in a chunk yet. Guarded by the head's lock. */
final class OpenChunk {

    private final Origin resource;
    private final long day;
    private final long openedAt;
    private Origin[] scopes = new Origin[0];
    private byte[] data = new byte[4096];
    private int[] offsets = new int[17];
    private long[] times = new long[16];
    private long[] numbers = new long[16];
    private int[] scope = new int[16];
    private byte[] severities = new byte[16];
    private int count;

    OpenChunk(Origin resource, long day, long openedAt) {
        this.resource = resource;
        this.day = day;
        this.openedAt = openedAt;
    }

    Origin resource() {
        return resource;
    }

    long day() {
        return day;
    }

    /** Milliseconds since the epoch when its first record came. */
    long openedAt() {
        return openedAt;
    }

    int count() {
        return count;
    }

    int bytes() {
        return offsets[count];
    }

    /** The bytes that its arrays take. */
    long memory() {
        return Rows.memory(data.length, times.length);
    }

    long first() {
        return numbers[0];
    }

    void add(Batch batch, int index, Origin recordScope, long time, long number) {
        int length = batch.lengths()[index];
        int start = offsets[count];
        if (count == times.length) {
            int size = count * 2;
            offsets = Arrays.copyOf(offsets, size + 1);
            times = Arrays.copyOf(times, size);
            numbers = Arrays.copyOf(numbers, size);
            scope = Arrays.copyOf(scope, size);
            severities = Arrays.copyOf(severities, size);
        }
        if (data.length - start < length) {
            data = Arrays.copyOf(data, Math.max(start + length, data.length * 2));
        }
        System.arraycopy(batch.body(), batch.offsets()[index], data, start, length);
        times[count] = time;
        numbers[count] = number;
        scope[count] = scopeIndex(recordScope);
        severities[count] = batch.severities()[index];
        count++;
        offsets[count] = start + length;
    }

    private int scopeIndex(Origin wanted) {
        for (int i = 0; i < scopes.length; i++) {
            if (scopes[i].equals(wanted)) {
                return i;
            }
        }
        scopes = Arrays.copyOf(scopes, scopes.length + 1);
        scopes[scopes.length - 1] = wanted;
        return scopes.length - 1;
    }

    int scopeCount() {
        return scopes.length;
    }

    Rows rows() {
        return new Rows(resource, scopes, data, offsets, times, numbers, scope, severities, count);
    }

    /** The rows in arrays of their own that are no longer than they need be. */
    Rows trimmed() {
        return new Rows(
                resource,
                scopes,
                Arrays.copyOf(data, offsets[count]),
                Arrays.copyOf(offsets, count + 1),
                Arrays.copyOf(times, count),
                Arrays.copyOf(numbers, count),
                Arrays.copyOf(scope, count),
                Arrays.copyOf(severities, count),
                count);
    }
}
