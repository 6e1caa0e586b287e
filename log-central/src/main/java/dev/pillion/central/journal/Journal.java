package dev.pillion.central.journal;

import dev.pillion.central.ingest.Body;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The append-only files in which a request is safe before it is answered. Segments are named after
 * the number of their first record; each entry carries its length and a CRC-32C. An entry counts
 * once {@link #sync} has returned.
 *
 * <p>Owned by the one writer thread, but for what says otherwise.
 *
 * @see dev.pillion.central.head.Head where the records go once they are safe
 */
public final class Journal implements AutoCloseable {

    /** Length and checksum before each entry. */
    private static final int HEADER = 8;

    /** An entry longer than this is a broken length, not an entry. */
    private static final int MAX_ENTRY = 256 << 20;

    private static final int HASH = 16;
    private static final String SUFFIX = ".journal";

    private final Path directory;
    private final long segmentBytes;
    private final long replayBytes;
    private final TreeMap<Long, Path> segments = new TreeMap<>();

    /** Bytes of the segments that are not written any more. */
    private final TreeMap<Long, Long> sizes = new TreeMap<>();

    private FileChannel channel;
    private long size;
    private long synced;
    private volatile long bytes;
    private volatile long replayFrom;
    private long lostBytes;

    /**
     * @param segmentBytes a segment that has grown to this is followed by a new one
     * @param replayBytes what a restart should read at most: {@link #replayFrom}
     */
    public Journal(Path directory, long segmentBytes, long replayBytes) throws IOException {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.replayBytes = replayBytes;
        Files.createDirectories(directory);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX)) {
                    long first = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
                    segments.put(first, file);
                    sizes.put(first, Files.size(file));
                }
            }
        }
        count();
    }

    /**
     * Gives every whole entry in order. A torn end, which a crash leaves, is cut off; a broken
     * entry elsewhere ends its segment, and {@link #lostBytes} says how much could not be read.
     */
    public void replay(Consumer<Entry> entries) throws IOException {
        for (Map.Entry<Long, Path> one : segments.entrySet()) {
            Path segment = one.getValue();
            try (FileChannel in =
                    FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long good = replay(in, entries);
                if (good < in.size()) {
                    lostBytes += in.size() - good;
                    if (segment.equals(segments.lastEntry().getValue())) {
                        in.truncate(good);
                        in.force(true);
                        sizes.put(one.getKey(), good);
                    }
                }
            }
        }
        count();
    }

    private static long replay(FileChannel in, Consumer<Entry> entries) throws IOException {
        long at = 0;
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        while (true) {
            header.clear();
            if (!fill(in, header, at)) {
                return at;
            }
            int length = header.getInt(0);
            if (length < HASH || length > MAX_ENTRY || length > in.size() - at - HEADER) {
                return at;
            }
            ByteBuffer payload = ByteBuffer.allocate(length);
            if (!fill(in, payload, at + HEADER)
                    || crc(payload.array(), length) != header.getInt(4)) {
                return at;
            }
            payload.flip();
            entries.accept(read(payload));
            at += HEADER + length;
        }
    }

    private static boolean fill(FileChannel in, ByteBuffer buffer, long from) throws IOException {
        long at = from;
        while (buffer.hasRemaining()) {
            int count = in.read(buffer, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static Entry read(ByteBuffer in) {
        long first = in.getLong();
        long received = in.getLong();
        byte[] hash = new byte[HASH];
        in.get(hash);
        Body.Encoding encoding = Body.Encoding.of(in.get());
        Body.Format format = Body.Format.of(in.get());
        int[] skipped = indices(in);
        int[] refused = indices(in);
        byte[] sent = new byte[in.remaining()];
        in.get(sent);
        return new Entry(first, received, hash, encoding, format, skipped, refused, sent);
    }

    private static int[] indices(ByteBuffer in) {
        int[] indices = new int[in.getInt()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = in.getInt();
        }
        return indices;
    }

    /** Writes an entry behind the others; it is not safe yet. */
    public void append(Entry entry) throws IOException {
        int length =
                8
                        + 8
                        + HASH
                        + 2
                        + 4
                        + 4
                        + 4 * (entry.skipped().length + entry.refused().length)
                        + entry.sent().length;
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + length);
        buffer.position(HEADER);
        buffer.putLong(entry.first()).putLong(entry.received()).put(entry.hash());
        buffer.put((byte) entry.encoding().code()).put((byte) entry.format().code());
        put(buffer, entry.skipped());
        put(buffer, entry.refused());
        buffer.put(entry.sent());
        CRC32C crc = new CRC32C();
        crc.update(buffer.array(), HEADER, length);
        buffer.putInt(0, length).putInt(4, (int) crc.getValue());
        buffer.flip();
        if (channel == null || size >= segmentBytes) {
            open(entry.first());
        }
        while (buffer.hasRemaining()) {
            channel.write(buffer, size + buffer.position());
        }
        size += HEADER + length;
    }

    private static void put(ByteBuffer out, int[] indices) {
        out.putInt(indices.length);
        for (int index : indices) {
            out.putInt(index);
        }
    }

    private void open(long first) throws IOException {
        if (channel != null) {
            channel.force(false);
            channel.close();
            channel = null;
            sizes.put(segments.lastKey(), size);
        }
        Path segment = directory.resolve(String.format("%019d%s", first, SUFFIX));
        channel =
                FileChannel.open(
                        segment,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        segments.put(first, segment);
        sizes.remove(first);
        size = 0;
        synced = 0;
        syncDirectory(directory);
    }

    /** Makes all that was appended safe: fdatasync. */
    public void sync() throws IOException {
        if (channel != null) {
            channel.force(false);
            synced = size;
            count();
        }
    }

    /**
     * After a failure: forgets what is not synced and goes on in a new segment, because after a
     * failed fsync the state of the old one's end is unknown.
     */
    public void rollBack() {
        FileChannel failed = channel;
        channel = null;
        if (failed != null) {
            sizes.put(segments.lastKey(), synced);
            try (failed) {
                failed.truncate(synced);
                failed.force(true);
            } catch (IOException e) {
                // The unanswered rest may stay; what is torn in it is cut off when it is read.
            }
        }
    }

    /** Deletes the segments all of whose records are below this number. */
    public void truncate(long below) throws IOException {
        while (segments.size() > 1) {
            Long next = segments.higherKey(segments.firstKey());
            if (next > below) {
                return;
            }
            sizes.remove(segments.firstKey());
            Files.deleteIfExists(segments.remove(segments.firstKey()));
            count();
        }
    }

    /** Ends the current segment, so that {@link #truncate} may delete it. */
    public void roll(long next) throws IOException {
        if (channel != null && size > 0) {
            open(next);
        }
    }

    /** Bytes of the segment that is written now. */
    public long segmentSize() {
        return channel == null ? 0 : size;
    }

    /** Bytes of all segments. Any thread. */
    public long bytes() {
        return bytes;
    }

    /** Bytes that {@link #replay} could not read. */
    public long lostBytes() {
        return lostBytes;
    }

    private void count() {
        long sum = channel == null ? 0 : size;
        long from = 0;
        for (Map.Entry<Long, Long> segment : sizes.descendingMap().entrySet()) {
            sum += segment.getValue();
            if (sum > replayBytes && from == 0) {
                Long next = segments.higherKey(segment.getKey());
                from = next == null ? 0 : next;
            }
        }
        bytes = sum;
        replayFrom = from;
    }

    /**
     * The number from which on the journal is as long as a restart should read; what is below
     * should be stored elsewhere soon. 0 if it is shorter. Any thread.
     */
    public long replayFrom() {
        return replayFrom;
    }

    /**
     * Ends the current segment and gives all there are: files that do not change any more, with
     * every entry so far.
     *
     * @param next the number that follows the last one
     */
    public List<Path> ended(long next) throws IOException {
        List<Path> whole = new ArrayList<>(segments.values());
        if (channel != null && size > 0) {
            roll(next);
        } else if (channel != null) {
            whole.remove(segments.lastEntry().getValue());
        }
        return whole;
    }

    /** Makes a created, renamed or deleted name safe. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.force(false);
            channel.close();
            channel = null;
        }
    }
}
