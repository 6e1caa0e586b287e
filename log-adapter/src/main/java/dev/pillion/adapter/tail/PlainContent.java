package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** A file as it is. */
final class PlainContent implements Content {

    private final Object fileKey;
    private final Descriptors descriptors;
    private volatile Path path;
    private volatile FileChannel channel;

    /**
     * Opens the file.
     *
     * @param fileKey device and inode it must have: between a look at a path and its opening it may
     *     have become another file's
     * @param descriptors counts it while it is open
     */
    PlainContent(Path path, Object fileKey, Descriptors descriptors) throws IOException {
        this.path = path;
        this.fileKey = fileKey;
        this.descriptors = descriptors;
        channel();
    }

    /** It was renamed. */
    void path(Path path) {
        this.path = path;
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        return open == null ? take() : open;
    }

    private synchronized FileChannel take() throws IOException {
        if (channel == null) {
            FileChannel taken = FileChannel.open(path, StandardOpenOption.READ);
            if (!fileKey.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey())) {
                taken.close();
                throw new IOException(path + " is another file now");
            }
            channel = taken;
            descriptors.taken();
        }
        return channel;
    }

    @Override
    public long size() throws IOException {
        return channel().size();
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        return channel().read(into, offset);
    }

    @Override
    public long data(long offset) {
        return DataSeek.next(path, fileKey, offset);
    }

    @Override
    public boolean settled() {
        return false;
    }

    @Override
    public boolean open() {
        return channel != null;
    }

    @Override
    public synchronized void release() {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            descriptors.givenBack();
            try {
                open.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
