package dev.pillion.adapter.frame;

import java.util.Arrays;

/**
 * Runs of zero bytes: what stands before the text of a writer that went on at its old offset after
 * its file was truncated, or behind it in a file made larger beforehand. Pure.
 */
public final class Holes {

    /** A shorter run is part of the text around it. */
    public static final int LEAST = 1024;

    /** Of any run of {@link #LEAST} bytes at least one is looked at. */
    private static final int STRIDE = LEAST / 2;

    private static final byte[] ZEROS = new byte[64 * 1024];

    private Holes() {}

    /** Where the first byte other than zero is; {@code to} if there is none. */
    public static int end(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int length = Math.min(ZEROS.length, to - at);
            int other = Arrays.mismatch(bytes, at, at + length, ZEROS, 0, length);
            if (other >= 0) {
                return at + other;
            }
            at += length;
        }
        return to;
    }

    /** Where the first run begins that is long enough or reaches {@code to}; else {@code to}. */
    public static int find(byte[] bytes, int from, int to) {
        for (int probe = from; probe < to; probe += STRIDE) {
            if (bytes[probe] == 0) {
                int begin = probe;
                while (begin > from && bytes[begin - 1] == 0) {
                    begin--;
                }
                int end = end(bytes, probe, to);
                if (end - begin >= LEAST || (begin == from && end == to)) {
                    return begin;
                }
                probe = end;
            }
        }
        return to;
    }
}
