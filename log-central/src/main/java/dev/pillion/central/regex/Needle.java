package dev.pillion.central.regex;

import java.util.Arrays;
import java.util.List;

/**
 * A run of bytes that is looked for, each place with a set of bytes that may stand there, by
 * Horspool's rule: after a place that cannot be, as many bytes are passed by as the last one
 * allows. May be used by many threads.
 */
public final class Needle {

    /** Occurs everywhere. */
    public static final Needle NONE = new Needle(0);

    /** Places, at most: a bit each. */
    static final int MAX_LENGTH = 32;

    private final int length;

    /** Of each byte the places where it may stand. */
    private final int[] places = new int[256];

    /** Of each byte how far on it may stand at the last place; 0 where it may there. */
    private final int[] skip = new int[256];

    /** As above, but never 0. */
    private final int[] next = new int[256];

    private Needle(int length) {
        this.length = length;
    }

    /**
     * A text without regard to the case of ASCII letters; of a long one its first {@value
     * #MAX_LENGTH} bytes.
     */
    public static Needle of(byte[] text) {
        Needle needle = new Needle(Math.min(text.length, MAX_LENGTH));
        for (int place = 0; place < needle.length; place++) {
            int b = text[place] & 0xFF;
            needle.places[b] |= 1 << place;
            if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z')) {
                needle.places[b ^ 0x20] |= 1 << place;
            }
        }
        return needle.ready();
    }

    /** One character of ASCII of each set. */
    static Needle of(List<Node.Chars> sets) {
        Needle needle = new Needle(sets.size());
        for (int place = 0; place < needle.length; place++) {
            for (int b = 0; b < 128; b++) {
                needle.places[b] |= sets.get(place).has(b) ? 1 << place : 0;
            }
        }
        return needle.ready();
    }

    private Needle ready() {
        int last = length - 1;
        for (int b = 0; b < 256; b++) {
            // The nearest place before the last, as a distance to it.
            int before = places[b] & ~(1 << last);
            next[b] = before == 0 ? length : last - (31 - Integer.numberOfLeadingZeros(before));
            skip[b] = (places[b] & 1 << last) != 0 ? 0 : next[b];
        }
        return this;
    }

    /** How many bytes. */
    public int length() {
        return length;
    }

    /** Where it begins first in {@code [from, to)}, or -1. */
    public int find(byte[] bytes, int from, int to) {
        if (length == 0) {
            return from;
        }
        int[] skip = this.skip;
        int last = length - 1;
        int at = from + last;
        while (at < to) {
            int b = bytes[at] & 0xFF;
            int step = skip[b];
            if (step == 0) {
                if (isAt(bytes, at - last, last)) {
                    return at - last;
                }
                step = next[b];
            }
            at += step;
        }
        return -1;
    }

    private boolean isAt(byte[] bytes, int from, int count) {
        for (int place = count - 1; place >= 0; place--) {
            if ((places[bytes[from + place] & 0xFF] >>> place & 1) == 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * What a search costs, in steps for a byte of usual logs: those that it takes itself, and those
     * of looking further where it is found.
     *
     * @param further steps of that
     */
    double cost(double further) {
        double mean = 0;
        double[] share = new double[length];
        double all = 0;
        for (int b = 0; b < 128; b++) {
            double usual = usual(b);
            all += usual;
            mean += usual * next[b];
            for (int place = 0; place < length; place++) {
                share[place] += (places[b] >>> place & 1) != 0 ? usual : 0;
            }
        }
        double found = Arrays.stream(share).reduce(1, (left, right) -> left * right / ALL);
        double looks = share[length - 1] / ALL * STEPS_OF_LOOK;
        return all / mean * (1 + looks) + found * further;
    }

    /** Steps that it costs to look whether it is where its last byte is. */
    private static final double STEPS_OF_LOOK = 3;

    private static final double ALL = 100;

    /** How many of a hundred bytes of logs are about this one. */
    private static double usual(int b) {
        return Character.isLowerCase(b)
                ? 1.8
                : Character.isDigit(b)
                        ? 2.2
                        : b == ' ' ? 11 : Character.isUpperCase(b) ? 0.35 : b > ' ' ? 0.4 : 0.05;
    }
}
