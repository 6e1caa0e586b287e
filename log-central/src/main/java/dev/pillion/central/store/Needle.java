package dev.pillion.central.store;

import java.util.Arrays;

/**
 * A text that is looked for in bytes without regard to the case of ASCII letters, by Horspool's
 * rule: after a place that cannot be, as many bytes are passed by as the last one allows. May be
 * used by many threads.
 */
final class Needle {

    /** Occurs everywhere. */
    static final Needle NONE = new Needle(new byte[0]);

    private final byte[] folded;
    private final int[] skip = new int[256];

    /**
     * @param folded in lower case: {@link Words#fold}
     */
    Needle(byte[] folded) {
        this.folded = folded;
        int last = folded.length - 1;
        Arrays.fill(skip, Math.max(folded.length, 1));
        for (int i = 0; i < last; i++) {
            skip[folded[i] & 0xFF] = last - i;
        }
        // So that the bytes need not be folded to look their skip up.
        for (int upper = 'A'; upper <= 'Z'; upper++) {
            skip[upper] = skip[upper + 32];
        }
    }

    int length() {
        return folded.length;
    }

    byte[] folded() {
        return folded;
    }

    /** Where it begins in {@code [from, to)}, or -1. */
    int find(byte[] bytes, int from, int to) {
        int last = folded.length - 1;
        if (last < 0) {
            return from;
        }
        byte end = folded[last];
        int at = from + last;
        while (at < to) {
            byte here = bytes[at];
            if (Words.fold(here) == end && is(bytes, at - last, last)) {
                return at - last;
            }
            at += skip[here & 0xFF];
        }
        return -1;
    }

    private boolean is(byte[] bytes, int from, int length) {
        for (int i = 0; i < length; i++) {
            if (Words.fold(bytes[from + i]) != folded[i]) {
                return false;
            }
        }
        return true;
    }
}
