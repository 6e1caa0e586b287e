package dev.pillion.adapter.tail;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * What a {@code .gz} file unpacks to. It is read forwards and remembers its first bytes and the
 * last {@link #RECENT}, more than a batch goes back; a read from in between unpacks from the
 * beginning again.
 */
final class GzipContent implements Content {

    private static final int RECENT = 4 << 20;
    private static final int STEP = 64 * 1024;

    private final Object fileKey;
    private volatile Path path;
    private volatile long size;
    private InputStream in;

    /** Bytes {@code [0, beginning.length)} of the content. */
    private byte[] beginning = {};

    /** Bytes {@code [at - held, at)} of the content are {@code recent[0, held)}. */
    private byte[] recent = new byte[0];

    private int held;
    private long at;

    /** Of unknown size: the first to ask for it has all of it unpacked. */
    GzipContent(Archive archive) {
        this(archive, -1);
    }

    GzipContent(Archive archive, long size) {
        this.path = archive.path();
        this.fileKey = archive.attributes().fileKey();
        this.size = size;
    }

    @Override
    public void path(Path path) {
        this.path = path;
    }

    /** The length in the last bytes of the file is of its last member only. */
    @Override
    public long size() throws IOException {
        return size < 0 ? unpack() : size;
    }

    private synchronized long unpack() throws IOException {
        begin(at);
        while (step()) {}
        size = at;
        return at;
    }

    @Override
    public synchronized int read(ByteBuffer into, long offset) throws IOException {
        if (offset + into.remaining() <= beginning.length) {
            int length = into.remaining();
            into.put(beginning, (int) offset, length);
            return length;
        }
        begin(offset);
        while (at <= offset) {
            if (!step()) {
                return -1;
            }
        }
        int from = (int) (held - (at - offset));
        int length = Math.min(into.remaining(), held - from);
        into.put(recent, from, length);
        return length;
    }

    @Override
    public long data(long offset) {
        return offset;
    }

    @Override
    public boolean settled() {
        return true;
    }

    /** Makes sure that the offset is not behind what is remembered. */
    private void begin(long offset) throws IOException {
        if (in == null || offset < at - held) {
            release();
            InputStream file = Files.newInputStream(path);
            if (!PlainContent.leadsTo(path, fileKey)) {
                file.close();
                throw new IOException(path + " is another file now");
            }
            recent = new byte[RECENT];
            in = new GZIPInputStream(new BufferedInputStream(file), STEP);
            step();
            beginning = Arrays.copyOf(recent, held);
        }
    }

    private boolean step() throws IOException {
        if (held + STEP > recent.length) {
            int kept = recent.length / 2;
            System.arraycopy(recent, held - kept, recent, 0, kept);
            held = kept;
        }
        int read = in.read(recent, held, STEP);
        if (read > 0) {
            held += read;
            at += read;
        }
        return read > 0;
    }

    @Override
    public synchronized boolean open() {
        return in != null;
    }

    @Override
    public <T> T look(Look<T> look) throws IOException {
        return look.at(this);
    }

    /** Never one too many: {@link Descriptors} leaves room for it. */
    @Override
    public void spare(int more) {}

    @Override
    public synchronized void release() {
        InputStream open = in;
        in = null;
        recent = new byte[0];
        held = 0;
        at = 0;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
