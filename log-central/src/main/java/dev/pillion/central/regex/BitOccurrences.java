package dev.pillion.central.regex;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decides of 64 places at once, a bit each, without a branch that depends on the texts: for needles
 * by which little can be passed, as a run of digits.
 */
final class BitOccurrences implements Occurrences {

    /** Words of 64 places that are decided together. */
    private static final int WORDS = 64;

    private static final int PLACES = 64 * WORDS;
    private static final long ONES = 0x0101010101010101L;
    private static final long UPPER = 0x8080808080808080L;

    /** Times this, the upper bits of eight bytes become the upper byte. */
    private static final long GATHER = 0x0002040810204081L;

    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteSets sets;
    private final byte[] bytes;
    private final int bytesEnd;
    private final int end;
    private final long[][] bitsOfSet;
    private final long[] begins = new long[WORDS];

    /** The places that are decided: from the first to the last, excluded. */
    private int first;

    private int last;

    /** Looks in {@code [from, to)}. */
    BitOccurrences(ByteSets sets, byte[] bytes, int from, int to) {
        this.sets = sets;
        this.bytes = bytes;
        bytesEnd = to;
        end = to - sets.ofPlace().length + 1;
        bitsOfSet = new long[sets.ranges().length][WORDS + 1];
        first = from;
        last = from;
    }

    @Override
    public int next(int from) {
        int at = from;
        while (at < end) {
            if (at >= last) {
                decide(at, Math.min(PLACES, end - at));
            }
            int word = (at - first) >>> 6;
            // A shift takes the lower six bits of its distance.
            long rest = begins[word] >>> (at - first) << (at - first);
            int words = (last - first + 63) >>> 6;
            while (rest == 0 && ++word < words) {
                rest = begins[word];
            }
            if (rest != 0) {
                int found = first + word * 64 + Long.numberOfTrailingZeros(rest);
                return found < end ? found : -1;
            }
            at = last;
        }
        return -1;
    }

    private void decide(int from, int count) {
        first = from;
        last = from + count;
        int words = (count + 63) >>> 6;
        byte[] in = bytes;
        int at = from;
        // One word more, for needles that begin at the end of the last.
        int read = (words + 1) * 64;
        if (bytes.length - from < read) {
            in = Arrays.copyOf(Arrays.copyOfRange(bytes, from, bytesEnd), read);
            at = 0;
        }
        byte[][] ranges = sets.ranges();
        for (int set = 0; set < ranges.length; set++) {
            Arrays.fill(bitsOfSet[set], 0);
            for (int i = 0; i < ranges[set].length; i += 2) {
                add(in, at, words + 1, ranges[set][i], ranges[set][i + 1], bitsOfSet[set]);
            }
        }
        int[] ofPlace = sets.ofPlace();
        System.arraycopy(bitsOfSet[ofPlace[0]], 0, begins, 0, words);
        for (int place = 1; place < ofPlace.length; place++) {
            and(bitsOfSet[ofPlace[place]], place, words, begins);
        }
    }

    /** Sets the bits of bytes from the low to the high. */
    private static void add(byte[] in, int from, int words, int low, int high, long[] out) {
        long toLow = (0x80 - low) * ONES;
        long toHigh = (0x7F - high) * ONES;
        for (int word = 0; word < words; word++) {
            long bits = 0;
            int at = from + word * 64;
            for (int i = 0; i < 64; i += 8) {
                long eight = (long) EIGHT.get(in, at + i);
                long ascii = eight & ~UPPER;
                // A byte's upper bit is set by its sum if it is at least the low, above the high.
                long inside = ascii + toLow & ~(ascii + toHigh | eight) & UPPER;
                bits |= ((inside * GATHER) >>> 56) << i;
            }
            out[word] |= bits;
        }
    }

    private static void and(long[] more, int place, int words, long[] out) {
        for (int word = 0; word < words; word++) {
            out[word] &= more[word] >>> place | more[word + 1] << -place;
        }
    }
}
