package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An offset in a file and a hash of the bytes just before it: whether a file's content is still the
 * one that was read is seen by comparing. The bytes are so many that a record's header is among
 * them: the end of a stack trace, or a line that comes again and again, stands at the same offset
 * of many a file.
 *
 * @param offset first byte after what is vouched for
 * @param length how many bytes before the offset were hashed, 0 to {@link #WINDOW}
 * @param hash of these bytes (FNV-1a, 64 bits)
 */
public record Mark(long offset, int length, long hash) {

    /** Most bytes before an offset that are hashed. */
    public static final int WINDOW = 4096;

    /** The start of any file. */
    public static final Mark START = new Mark(0, 0, hash(new byte[0], 0, 0));

    /** FNV-1a with its 64-bit parameters. */
    public static long hash(byte[] bytes, int from, int to) {
        long hash = 0xcbf29ce484222325L;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xFF)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The mark at an offset in front of which these bytes stand. */
    public static Mark of(long offset, byte[] window) {
        return new Mark(offset, window.length, hash(window, 0, window.length));
    }

    /** The mark at {@code offset} of a file as it is now. */
    public static Mark of(Content content, long offset) throws IOException {
        int length = (int) Math.min(WINDOW, offset);
        return of(offset, read(content, offset - length, length));
    }

    /** Whether the file still has these bytes there. */
    public boolean holds(Content content) throws IOException {
        if (content.size() < offset) {
            return false;
        }
        return vouchesFor(window(content));
    }

    /** The bytes of a file that this mark vouches for, if they are still the same. */
    public byte[] window(Content content) throws IOException {
        return read(content, offset - length, length);
    }

    /** Whether these are the bytes that were hashed. */
    public boolean vouchesFor(byte[] window) {
        return window.length == length && hash(window, 0, length) == hash;
    }

    /** Up to {@code length} bytes from {@code offset}; fewer at the file's end. */
    public static byte[] read(Content content, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            int n = content.read(buffer, offset + buffer.position());
            if (n < 0) {
                break;
            }
        }
        return java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }
}
