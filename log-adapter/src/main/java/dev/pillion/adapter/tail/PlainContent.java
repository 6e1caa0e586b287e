package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file as it is. Its descriptor may be given back by one thread while another reads: it is closed
 * when nobody does, and the next read opens the file again.
 */
final class PlainContent implements Content {

    private final Object fileKey;
    private final Descriptors descriptors;
    private volatile Path path;

    /** Null while none is held; this and the two below are written under the lock of this. */
    private volatile FileChannel channel;

    private int readers;
    private boolean released;

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
        take();
        done();
    }

    @Override
    public void path(Path path) {
        this.path = path;
    }

    /** Not closed before as many times {@link #done}. */
    private synchronized FileChannel take() throws IOException {
        if (channel == null) {
            FileChannel taken = FileChannel.open(path, StandardOpenOption.READ);
            if (!named()) {
                taken.close();
                throw new IOException(path + " is another file now");
            }
            channel = taken;
            descriptors.taken();
        }
        readers++;
        return channel;
    }

    private synchronized void done() {
        readers--;
        if (released) {
            release();
        }
    }

    private boolean named() {
        return leadsTo(path, fileKey);
    }

    /** Whether the file at a path is the one of this device and inode. */
    static boolean leadsTo(Path path, Object fileKey) {
        try {
            return fileKey.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public long size() throws IOException {
        FileChannel open = take();
        try {
            return open.size();
        } finally {
            done();
        }
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        FileChannel open = take();
        try {
            return open.read(into, offset);
        } finally {
            done();
        }
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
    public <T> T look(Look<T> look) throws IOException {
        boolean held;
        synchronized (this) {
            held = open();
            take();
        }
        try {
            return look.at(this);
        } finally {
            if (!held) {
                spare(0);
            }
            done();
        }
    }

    @Override
    public void spare(int more) {
        if (descriptors.tooMany(more) && named()) {
            release();
        }
    }

    @Override
    public synchronized void release() {
        FileChannel open = channel;
        released = open != null && readers > 0;
        if (open != null && !released) {
            channel = null;
            descriptors.givenBack();
            try {
                open.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
