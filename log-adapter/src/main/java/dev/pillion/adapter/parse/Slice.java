package dev.pillion.adapter.parse;

import java.nio.charset.StandardCharsets;

/** A stretch of bytes of an array that belongs to somebody else. Reused; owned by one thread. */
public final class Slice {

    byte[] array = new byte[0];
    int from;
    int length = -1;

    /** Points to the bytes {@code [from, to)}. */
    public void set(byte[] array, int from, int to) {
        this.array = array;
        this.from = from;
        this.length = to - from;
    }

    /** Points to other bytes instead. */
    public void replace(byte[] other) {
        set(other, 0, other.length);
    }

    void clear() {
        length = -1;
    }

    /** Whether something was set, if only an empty stretch. */
    public boolean present() {
        return length >= 0;
    }

    public byte[] array() {
        return array;
    }

    public int from() {
        return from;
    }

    public int length() {
        return Math.max(0, length);
    }

    /** The text, what is not UTF-8 replaced; empty if absent. */
    @Override
    public String toString() {
        return length <= 0 ? "" : new String(array, from, length, StandardCharsets.UTF_8);
    }
}
