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

    /** A byte of no set. */
    private static final byte NOWHERE = -1;

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

    /** A copy of the bytes that are decided, and what is not of a set. */
    private final byte[] block = new byte[PLACES + 64];

    private final byte[] outside = new byte[PLACES + 64];

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
        // Behind a place that was asked for, all up to where these begin is known to have none.
        int at = Math.max(from, first);
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
        // One word more, for needles that begin at the end of the last.
        int read = (words + 1) * 64;
        int known = Math.min(read, bytesEnd - from);
        System.arraycopy(bytes, from, block, 0, known);
        Arrays.fill(block, known, read, NOWHERE);
        byte[][] ranges = sets.ranges();
        for (int set = 0; set < ranges.length; set++) {
            Arrays.fill(bitsOfSet[set], 0);
            for (int i = 0; i < ranges[set].length; i += 2) {
                mark(block, read, ranges[set][i], ranges[set][i + 1], outside);
                gather(outside, words + 1, bitsOfSet[set]);
            }
        }
        int[] ofPlace = sets.ofPlace();
        System.arraycopy(bitsOfSet[ofPlace[0]], 0, begins, 0, words);
        for (int place = 1; place < ofPlace.length; place++) {
            and(bitsOfSet[ofPlace[place]], place, words, begins);
        }
    }

    /**
     * Sets the upper bit of each byte that is not from the low to the high. So plain that the JIT
     * does it for a vector's bytes at once, which it does only where both arrays are read and
     * written at the same place.
     */
    private static void mark(byte[] in, int count, int low, int high, byte[] outside) {
        for (int i = 0; i < count; i++) {
            byte b = in[i];
            outside[i] = (byte) ((b - low) | (high - b) | b);
        }
    }

    /** Sets the bits of the bytes that are not outside. */
    private static void gather(byte[] outside, int words, long[] out) {
        for (int word = 0; word < words; word++) {
            long bits = 0;
            int at = word * 64;
            for (int i = 0; i < 64; i += 8) {
                long inside = ~(long) EIGHT.get(outside, at + i) & UPPER;
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
