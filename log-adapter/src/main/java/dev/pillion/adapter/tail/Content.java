package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The bytes of a file at their offsets, however they are stored. Never mapped into memory: a file
 * truncated under a mapping is a fault. Reads take turns inside; any thread may ask.
 */
public sealed interface Content permits PlainContent, GzipContent {

    /** It was renamed: where it is opened next. */
    void path(Path path);

    /** How many bytes there are now. */
    long size() throws IOException;

    /**
     * Reads at an offset, as {@link java.nio.channels.FileChannel#read(ByteBuffer, long)} does.
     *
     * @return how many bytes, or -1 at the end
     */
    int read(ByteBuffer into, long offset) throws IOException;

    /**
     * Where the next bytes are that may not be zero.
     *
     * @return {@code offset}, or one behind it up to which the file has a hole
     */
    long data(long offset);

    /** Whether it cannot change any more. */
    boolean settled();

    /** Whether a descriptor is held. */
    boolean open();

    /** What is to be found out about a content. */
    interface Look<T> {
        T at(Content content) throws IOException;
    }

    /**
     * Looks at it: a descriptor taken for this alone is given back if it is one too many.
     *
     * @throws IOException if it cannot be opened, or the look fails
     */
    <T> T look(Look<T> look) throws IOException;

    /**
     * Gives the descriptor back if too many are held, and the file has a name by which the next
     * read can take one again.
     *
     * @param more so many are about to be taken
     */
    void spare(int more);

    /** Gives the descriptor back; the next read takes one again. */
    void release();
}
