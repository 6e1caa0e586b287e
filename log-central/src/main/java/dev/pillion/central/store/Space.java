package dev.pillion.central.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import java.util.Arrays;

/**
 * Where chunks are unpacked, one after the other: new memory for each costs as much as unpacking.
 * Used by one thread; what was unpacked before is overwritten.
 */
final class Space implements AutoCloseable {

    private final byte[][] frames = new byte[ColumnsWriter.FRAMES][];
    private ZstdDecompressCtx zstd;

    Space() {
        Arrays.fill(frames, new byte[0]);
    }

    /**
     * Unpacks a frame.
     *
     * @param plain how many bytes it has unpacked
     * @return an array of at least that many
     * @throws IllegalStateException if the frame is damaged
     */
    byte[] unpack(int frame, byte[] chunk, int from, int size, int plain) {
        if (frames[frame].length < plain) {
            frames[frame] = new byte[plain + plain / 4];
        }
        if (zstd == null) {
            zstd = new ZstdDecompressCtx();
        }
        try {
            if (zstd.decompressByteArray(frames[frame], 0, plain, chunk, from, size) == plain) {
                return frames[frame];
            }
        } catch (ZstdException e) {
            // Said below.
        }
        throw new IllegalStateException("a chunk's frame is damaged");
    }

    /** Frees memory that is not the heap's. */
    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
            zstd = null;
        }
    }
}
