package dev.pillion.adapter.tail;

/**
 * When the bytes of a file were written, as far as its growth was seen: how long the oldest of
 * those not yet delivered have waited. Remembers a few steps; when there are more, two neighbours
 * become one, as old as the older. Thread-safe: one lock, held for a few instructions.
 */
final class Growth {

    private static final int STEPS = 16;

    /** A step is what was written between the end before it and its own, at one time. */
    private final long[] ends = new long[STEPS];

    private final long[] nanos = new long[STEPS];
    private int count;

    /**
     * The file has become larger.
     *
     * @param delivered what is before this offset is of no more interest
     * @param size where it ends now
     * @param now as of {@link System#nanoTime}, not before that of the last step
     */
    synchronized void to(long delivered, long size, long now) {
        int done = 0;
        while (done < count && ends[done] <= delivered) {
            done++;
        }
        System.arraycopy(ends, done, ends, 0, count - done);
        System.arraycopy(nanos, done, nanos, 0, count - done);
        count -= done;
        if (count == STEPS) {
            halve();
        }
        ends[count] = size;
        nanos[count++] = now;
    }

    private void halve() {
        for (int i = 0; i < STEPS / 2; i++) {
            ends[i] = ends[2 * i + 1];
            nanos[i] = nanos[2 * i];
        }
        count = STEPS / 2;
    }

    /** When the byte at an offset was written; {@code now} if none was seen there. */
    synchronized long since(long offset, long now) {
        int step = 0;
        while (step < count && ends[step] <= offset) {
            step++;
        }
        return step < count ? nanos[step] : now;
    }

    /** Another content: nothing of it was seen. */
    synchronized void clear() {
        count = 0;
    }
}
