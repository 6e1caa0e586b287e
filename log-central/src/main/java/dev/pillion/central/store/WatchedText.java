package dev.pillion.central.store;

import java.nio.charset.StandardCharsets;

/**
 * UTF-8 bytes as a regular expression reads them: ASCII without a copy, and with an eye on the
 * query's time, because a runaway expression may read one text for ever. Used by one thread.
 */
final class WatchedText implements CharSequence {

    private static final int LOOK_EVERY = 4096;

    private final Deadline deadline;
    private byte[] bytes = new byte[0];
    private int from;
    private int length;
    private String decoded = "";
    private boolean ascii = true;
    private int steps;

    WatchedText(Deadline deadline) {
        this.deadline = deadline;
    }

    void set(byte[] newBytes, int newFrom, int to) {
        ascii = true;
        for (int i = newFrom; i < to; i++) {
            if (newBytes[i] < 0) {
                ascii = false;
                break;
            }
        }
        bytes = newBytes;
        from = newFrom;
        if (ascii) {
            length = to - newFrom;
        } else {
            decoded = new String(newBytes, newFrom, to - newFrom, StandardCharsets.UTF_8);
            length = decoded.length();
        }
    }

    @Override
    public char charAt(int index) {
        if (++steps % LOOK_EVERY == 0) {
            deadline.check();
        }
        return ascii ? (char) bytes[from + index] : decoded.charAt(index);
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return toString().substring(start, end);
    }

    @Override
    public String toString() {
        return ascii ? new String(bytes, from, length, StandardCharsets.US_ASCII) : decoded;
    }
}
