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

    private static final int FEWEST = 64;

    /** So many bytes are looked at together. */
    private static final int ROUND = 32;

    private static final long NIBBLES = Scan.eight(0x0F);
    private static final long TENS = Scan.eight(0x0A);
    private static final long EQUALS = Scan.eight('=');

    private byte[] bytes = {};
    private int to;

    /** The window is {@code [from, end)}. */
    private int from;

    private int end;

    private int[] lineEnds = new int[FEWEST];
    private int lines;
    private int line;
    private int[] signs = new int[FEWEST];
    private int found;
    private int sign;

    /** From now on of {@code [from, to)}; these bytes do not change while it is asked. */
    public void begin(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        window(from);
    }

    /** The first line feed from {@code at} on; where the stretch ends if there is none. */
    int lineEnd(int at) {
        if (at < from) {
            window(at);
        }
        while (true) {
            while (line < lines && lineEnds[line] < at) {
                line++;
            }
            if (line < lines) {
                return lineEnds[line];
            }
            if (end == to) {
                return to;
            }
            window(Math.max(at, end));
        }
    }

    /** The first sign from {@code at} on; where the stretch ends if there is none. */
    public int sign(int at) {
        if (at < from) {
            window(at);
        }
        while (true) {
            while (sign < found && signs[sign] < at) {
                sign++;
            }
            if (sign < found) {
                return signs[sign];
            }
            if (end == to) {
                return to;
            }
            window(Math.max(at, end));
        }
    }

    private void window(int start) {
        from = start;
        line = 0;
        lines = 0;
        sign = 0;
        found = 0;
        byte[] b = bytes;
        int last = to - ROUND;
        int at = start;
        boolean room = true;
        for (; at <= last; at += ROUND) {
            long one = others(Scan.word(b, at));
            long two = others(Scan.word(b, at + 8));
            long three = others(Scan.word(b, at + 16));
            long four = others(Scan.word(b, at + 24));
            if ((one & two & three & four & Scan.HIGHS) != Scan.HIGHS) {
                room = room();
                if (!room) {
                    break;
                }
                places(at, ~one & Scan.HIGHS);
                places(at + 8, ~two & Scan.HIGHS);
                places(at + 16, ~three & Scan.HIGHS);
                places(at + 24, ~four & Scan.HIGHS);
            }
        }
        if (room && room()) {
            for (; at < to; at++) {
                place(at);
            }
        }
        end = at;
    }

    /** Whether there is room for those of another round. */
    private boolean room() {
        if (lines + ROUND > lineEnds.length && lines + ROUND <= MOST) {
            lineEnds = Arrays.copyOf(lineEnds, lineEnds.length * 2);
        }
        if (found + ROUND > signs.length && found + ROUND <= MOST) {
            signs = Arrays.copyOf(signs, signs.length * 2);
        }
        return lines + ROUND <= lineEnds.length && found + ROUND <= signs.length;
    }

    private void places(int at, long highs) {
        for (long rest = highs; rest != 0; rest &= rest - 1) {
            place(at + Scan.first(rest));
        }
    }

    private void place(int at) {
        switch (bytes[at]) {
            case '\n' -> lineEnds[lines++] = at;
            case '=', ':', 'J' -> signs[found++] = at;
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
