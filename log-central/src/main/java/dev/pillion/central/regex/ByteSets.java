package dev.pillion.central.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which bytes may stand at each place of a needle, as ranges.
 *
 * @param ranges of each set a low byte and a high one, then perhaps further; each set once
 * @param ofPlace the set of each place
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ByteSets(byte[][] ranges, int[] ofPlace) {

    /**
     * Steps of {@link Needle#find} for a byte that {@link BitOccurrences} takes for a range and for
     * a place. For a run of digits it takes a third of the time: how far to skip depends on the
     * text, which no processor foresees.
     */
    private static final double STEPS_OF_RANGE = 0.06;

    private static final double STEPS_OF_PLACE = 0.01;

    static ByteSets of(Needle needle) {
        List<byte[]> known = new ArrayList<>();
        int[] ofPlace = new int[needle.length()];
        for (int place = 0; place < ofPlace.length; place++) {
            byte[] ranges = ranges(needle, place);
            int set = 0;
            while (set < known.size() && !Arrays.equals(known.get(set), ranges)) {
                set++;
            }
            if (set == known.size()) {
                known.add(ranges);
            }
            ofPlace[place] = set;
        }
        return new ByteSets(known.toArray(byte[][]::new), ofPlace);
    }

    private static byte[] ranges(Needle needle, int place) {
        byte[] ranges = new byte[256];
        int count = 0;
        for (int b = 0; b < 256; b++) {
            if (needle.has(place, b)) {
                if (count == 0 || ranges[count - 1] != (byte) (b - 1)) {
                    ranges[count++] = (byte) b;
                    ranges[count++] = (byte) b;
                }
                ranges[count - 1] = (byte) b;
            }
        }
        return Arrays.copyOf(ranges, count);
    }

    /** What it costs to look for them by bits, in steps for a byte; much if that cannot be. */
    double cost() {
        int count = 0;
        for (byte[] set : ranges) {
            for (byte bound : set) {
                if (bound < 0) {
                    return Double.MAX_VALUE;
                }
            }
            count += set.length / 2;
        }
        return count * STEPS_OF_RANGE + ofPlace.length * STEPS_OF_PLACE;
    }
}
