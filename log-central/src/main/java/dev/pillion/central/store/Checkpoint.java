package dev.pillion.central.store;

import dev.pillion.central.journal.Journal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What the journal's deleted part knew: written, whole and synced, before a segment is deleted.
 *
 * @param next a number above every record's so far
 */
record Checkpoint(long next, Map<String, Known.Mark> marks, Map<Known.Hash, Long> hashes) {

    private static final int MAGIC = 0x50434B32;

    /** The former version: positions without the number of records, which counts from there on. */
    private static final int MAGIC_WITHOUT_RECORDS = 0x50434B31;

    static final String NAME = "checkpoint";

    static Checkpoint read(Path directory) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(directory.resolve(NAME));
        } catch (NoSuchFileException e) {
            return new Checkpoint(1, Map.of(), Map.of());
        }
        if (bytes.length < 8 || crc(bytes, bytes.length - 4) != tail(bytes)) {
            throw new IOException(
                    directory.resolve(NAME) + " is damaged; restore it or move it away");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int magic = in.readInt();
        if (magic != MAGIC && magic != MAGIC_WITHOUT_RECORDS) {
            throw new IOException(directory.resolve(NAME) + " is of another version");
        }
        long next = in.readLong();
        Map<String, Known.Mark> marks = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            byte[] file = in.readNBytes(in.readInt());
            marks.put(
                    new String(file, StandardCharsets.UTF_8),
                    new Known.Mark(in.readLong(), magic == MAGIC ? in.readLong() : 0));
        }
        Map<Known.Hash, Long> hashes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            hashes.put(new Known.Hash(in.readLong(), in.readLong()), in.readLong());
        }
        return new Checkpoint(next, marks, hashes);
    }

    void write(Path directory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeLong(next);
        out.writeInt(marks.size());
        for (Map.Entry<String, Known.Mark> mark : marks.entrySet()) {
            byte[] file = mark.getKey().getBytes(StandardCharsets.UTF_8);
            out.writeInt(file.length);
            out.write(file);
            out.writeLong(mark.getValue().position());
            out.writeLong(mark.getValue().records());
        }
        out.writeInt(hashes.size());
        for (Map.Entry<Known.Hash, Long> hash : hashes.entrySet()) {
            out.writeLong(hash.getKey().high());
            out.writeLong(hash.getKey().low());
            out.writeLong(hash.getValue());
        }
        byte[] content = bytes.toByteArray();
        out.writeInt(crc(content, content.length));
        Path fresh = directory.resolve(NAME + ".new");
        try (FileChannel file =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            file.force(true);
        }
        Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        Journal.syncDirectory(directory);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static int tail(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
    }
}
