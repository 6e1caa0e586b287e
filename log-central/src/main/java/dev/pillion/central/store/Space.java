package dev.pillion.central.store;

import java.util.Arrays;

/**
 * Memory that chunks are unpacked into, one after the other: new memory for each costs more than
 * unpacking. Used by one thread; what was unpacked before is overwritten.
 */
final class Space {

    private final byte[][] frames = new byte[ColumnsWriter.FRAMES][];

    Space() {
        Arrays.fill(frames, new byte[0]);
    }

    /** An array of at least that many bytes for this frame. */
    byte[] frame(int frame, int size) {
        if (frames[frame].length < size) {
            frames[frame] = new byte[size + size / 4];
        }
        return frames[frame];
    }
}
