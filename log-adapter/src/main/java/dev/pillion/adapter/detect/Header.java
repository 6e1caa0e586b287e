package dev.pillion.adapter.detect;

import java.util.Arrays;

/**
 * Where in a record's bytes its header's fields stand: offsets, no copies. Reused from record to
 * record; owned by one thread.
 */
public final class Header {

    private final int[] from = new int[Role.values().length];
    private final int[] to = new int[Role.values().length];
    int messageFrom;
    boolean timed;
    boolean complete;

    void clear() {
        Arrays.fill(from, -1);
        timed = false;
        complete = false;
        messageFrom = 0;
    }

    void set(Role role, int start, int end) {
        from[role.slot] = start;
        to[role.slot] = end;
    }

    /** Whether the field is there. */
    public boolean has(Role role) {
        return from[role.slot] >= 0;
    }

    /** First byte of a field that is there. */
    public int from(Role role) {
        return from[role.slot];
    }

    /** First byte after a field that is there. */
    public int to(Role role) {
        return to[role.slot];
    }

    /** First byte of the message. */
    public int messageFrom() {
        return messageFrom;
    }

    /** Whether a time stamp was read. */
    public boolean timed() {
        return timed;
    }

    /** Whether every element of the layout was found. */
    public boolean complete() {
        return complete;
    }
}
