package dev.pillion.central.regex;

import java.util.List;

/**
 * A run of bytes that is looked for, each place with a set of bytes that may stand there. In one
 * text by Horspool's rule: after a place that cannot be, as many bytes are passed by as the last
 * one allows. May be used by many threads.
 *
 * @see Occurrences in many texts at once
 */
public final class Needle {

    /** Places, at most: a bit each. */
    static final int MAX_LENGTH = 32;

    /** Occurs everywhere. */
    public static final Needle NONE = new Needle(0, new int[256]);

    private final int length;

    /** Of each byte the places where it may stand. */
    private final int[] places;

    /** Of each byte how far on it may stand at the last place; 0 where it may there. */
    private final int[] skip = new int[256];

    /** As above, but never 0. */
    private final int[] next = new int[256];

    private final ByteSets sets;
    private final boolean skips;

    private Needle(int length, int[] places) {
        this.length = length;
        this.places = places;
        int last = length - 1;
        for (int b = 0; b < 256; b++) {
            // The nearest place before the last, as a distance to it.
            int before = places[b] & ~(1 << last);
            next[b] = before == 0 ? length : last - (31 - Integer.numberOfLeadingZeros(before));
            skip[b] = (places[b] & 1 << last) != 0 ? 0 : next[b];
        }
        sets = ByteSets.of(this);
        skips = length == 0 || costOfSkipping() <= sets.cost();
    }

    /**
     * A text without regard to the case of ASCII letters; of a long one its first {@value
     * #MAX_LENGTH} bytes.
     */
    public static Needle of(byte[] text) {
        int length = Math.min(text.length, MAX_LENGTH);
        int[] places = new int[256];
        for (int place = 0; place < length; place++) {
            int b = text[place] & 0xFF;
            places[b] |= 1 << place;
            if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z')) {
                places[b ^ 0x20] |= 1 << place;
            }
        }
        return new Needle(length, places);
    }

    /** One character of ASCII of each set. */
    static Needle of(List<Node.Chars> sets) {
        int[] places = new int[256];
        for (int place = 0; place < sets.size(); place++) {
            for (int b = 0; b < 128; b++) {
                places[b] |= sets.get(place).has(b) ? 1 << place : 0;
            }
        }
        return new Needle(sets.size(), places);
    }

    /** Whether a byte, 0 to 255, may stand at a place. */
    boolean has(int place, int b) {
        return (places[b] >>> place & 1) != 0;
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

    /** Where it begins in {@code [from, to)}, which is many texts. */
    public Occurrences in(byte[] bytes, int from, int to) {
        return skips
                ? new SkipOccurrences(this, bytes, to)
                : new BitOccurrences(sets, bytes, from, to);
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
        double share = 1;
        for (int place = 0; place < length; place++) {
            share *= share(place);
        }
        return costOfSkipping() + share * further;
    }

    private double costOfSkipping() {
        double mean = 0;
        double all = 0;
        for (int b = 0; b < 128; b++) {
            all += usual(b);
            mean += usual(b) * next[b];
        }
        return all / mean * (1 + share(length - 1) * STEPS_OF_LOOK);
    }

    /** How many bytes of usual logs may stand at a place. */
    private double share(int place) {
        double share = 0;
        for (int b = 0; b < 128; b++) {
            share += has(place, b) ? usual(b) : 0;
        }
        return share / ALL;
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
