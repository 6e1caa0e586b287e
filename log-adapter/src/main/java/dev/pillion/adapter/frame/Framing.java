package dev.pillion.adapter.frame;

import java.util.Arrays;
import java.util.BitSet;

/**
 * How a stretch of bytes was divided into records, for dividing it again in the same way. One is
 * kept for each file whose batch is not acknowledged yet, thousands while the far end is away:
 * hence told by lines, which is nothing at all where each line is a record.
 */
public sealed interface Framing {

    /**
     * Records that end with lines.
     *
     * @param goingOn the lines, the first of all being 0, that go on a record instead of beginning
     *     one; not changed any more
     */
    record Lines(BitSet goingOn) implements Framing {

        /**
         * Where the records of {@code [0, to)} begin.
         *
         * @return rising, followed by {@code to}
         */
        public int[] starts(byte[] bytes, int to) {
            int[] starts = new int[64];
            int count = 0;
            int line = 0;
            for (int at = 0; at < to; at = Scan.newline(bytes, at, to) + 1) {
                if (!goingOn.get(line++)) {
                    if (count + 1 == starts.length) {
                        starts = Arrays.copyOf(starts, count * 2);
                    }
                    starts[count++] = at;
                }
            }
            starts[count] = to;
            return Arrays.copyOf(starts, count + 1);
        }
    }

    /**
     * Records told by places: of which one ends within a line that was too long, or of which the
     * lines may be others the next time.
     *
     * @param starts where each begins, rising; not changed any more
     */
    @SuppressWarnings("ArrayRecordComponent") // made once a batch, read by one thread
    record Places(int[] starts) implements Framing {}
}
