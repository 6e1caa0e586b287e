package dev.pillion.adapter.frame;

import java.util.Arrays;

/**
 * Where lines end and where the signs of secrets stand ({@code =}, {@code :} and {@code J}), found
 * in one pass over a stretch of bytes, for who takes it apart and who looks for secrets. Looks
 * ahead in windows of {@link #MOST} places, so that its room is bounded whatever the bytes are.
 * Owned by one thread.
 */
public final class Survey {

    /** Of each kind, in a window: those of a batch of a MiB, as a rule. */
    private static final int MOST = 1 << 16;

    /** So many bytes are looked at together. */
    private static final int ROUND = 32;

    /** Before so many bytes, a multiple of a round, it is seen to that there is room. */
    private static final int STRETCH = 1024;

    private static final long NIBBLES = Scan.eight(0x0F);
    private static final long TENS = Scan.eight(0x0A);
    private static final long EQUALS = Scan.eight('=');

    /** Where bytes of one kind stand in the window. */
    private static final class Places {
        private int[] at = new int[STRETCH];
        private int count;

        /** The first that is not known to be passed. */
        private int next;

        void clear() {
            count = 0;
            next = 0;
        }

        /** Whether there is room for another stretch. */
        boolean room() {
            if (count + STRETCH > at.length && at.length < MOST) {
                at = Arrays.copyOf(at, at.length * 2);
            }
            return count + STRETCH <= at.length;
        }

        void add(int place) {
            at[count++] = place;
        }
    }

    private byte[] bytes = {};
    private int begin;
    private int to;

    /** The window is {@code [from, end)}. */
    private int from;

    private int end;

    private final Places lineEnds = new Places();
    private final Places signs = new Places();

    /** The bits of all bytes looked at. */
    private long bits;

    /** From now on of {@code [from, to)}; these bytes do not change while it is asked. */
    public void begin(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.begin = from;
        this.to = to;
        bits = 0;
        window(from);
    }

    /** The first line feed from {@code at} on; where the stretch ends if there is none. */
    int lineEnd(int at) {
        return next(lineEnds, at);
    }

    /** The first sign from {@code at} on; where the stretch ends if there is none. */
    public int sign(int at) {
        return next(signs, at);
    }

    /**
     * Whether all of {@code [from, to)} is ASCII. False also where not all of it was looked at yet:
     * an answer looks no further than it must.
     */
    public boolean ascii(int from, int to) {
        return from >= begin && to <= end && (bits & Scan.HIGHS) == 0;
    }

    private int next(Places places, int at) {
        if (at < from) {
            window(at);
        }
        while (true) {
            while (places.next < places.count && places.at[places.next] < at) {
                places.next++;
            }
            if (places.next < places.count) {
                return places.at[places.next];
            }
            if (end == to) {
                return to;
            }
            if (at > end) {
                begin = at; // what was passed over is not looked at
            }
            window(Math.max(at, end));
        }
    }

    private void window(int start) {
        from = start;
        lineEnds.clear();
        signs.clear();
        byte[] b = bytes;
        long seen = bits;
        int last = to - ROUND;
        int at = start;
        while (at <= to && lineEnds.room() && signs.room()) {
            int stop = Math.min(last, at + STRETCH - ROUND);
            for (; at <= stop; at += ROUND) {
                long a = Scan.word(b, at);
                long c = Scan.word(b, at + 8);
                long d = Scan.word(b, at + 16);
                long e = Scan.word(b, at + 24);
                seen |= a | c | d | e;
                a = others(a);
                c = others(c);
                d = others(d);
                e = others(e);
                if ((a & c & d & e & Scan.HIGHS) != Scan.HIGHS) {
                    places(at, ~a & Scan.HIGHS);
                    places(at + 8, ~c & Scan.HIGHS);
                    places(at + 16, ~d & Scan.HIGHS);
                    places(at + 24, ~e & Scan.HIGHS);
                }
            }
            if (at > last) {
                for (; at < to; at++) {
                    seen |= b[at];
                    place(at);
                }
                break;
            }
        }
        bits = seen;
        end = at;
    }

    private void places(int at, long highs) {
        for (long rest = highs; rest != 0; rest &= rest - 1) {
            place(at + Scan.first(rest));
        }
    }

    private void place(int at) {
        switch (bytes[at]) {
            case '\n' -> lineEnds.add(at);
            case '=', ':', 'J' -> signs.add(at);
            default -> {
                // Looks like one of them, by the bits that were compared.
            }
        }
    }

    /**
     * The high bit of each byte that can be none of them. Line feed, colon and J have the same
     * lower half, and are told from the few others that have it once one is found; what is not zero
     * becomes 0x80 or more if 0x7F is added.
     */
    private static long others(long word) {
        return (((word & NIBBLES) ^ TENS) + Scan.LOWS)
                & (((word & Scan.LOWS) ^ EQUALS) + Scan.LOWS);
    }
}
