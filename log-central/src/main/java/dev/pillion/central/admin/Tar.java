package dev.pillion.central.admin;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes and reads a folder as a tar archive (POSIX ustar, plain files only), which every system
 * has a tool for.
 *
 * @see <a
 *     href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06">ustar</a>
 */
final class Tar {

    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_DIGITS = 11;
    private static final int CHECKSUM_AT = 148;
    private static final int TYPE_AT = 156;

    private Tar() {}

    static void write(Path folder, OutputStream out) throws IOException {
        List<Path> files;
        try (var all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            long size = Files.size(file);
            out.write(header(folder.relativize(file).toString().replace('\\', '/'), size));
            Files.copy(file, out);
            out.write(new byte[padding(size)]);
        }
        out.write(new byte[2 * BLOCK]);
    }

    private static byte[] header(String name, long size) throws IOException {
        byte[] header = new byte[BLOCK];
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > NAME || size >= 1L << (3 * SIZE_DIGITS)) {
            throw new IOException(name + " does not fit into a tar archive");
        }
        System.arraycopy(bytes, 0, header, 0, bytes.length);
        put(header, 100, "0000640");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, SIZE_AT, String.format("%0" + SIZE_DIGITS + "o", size));
        put(header, 136, "00000000000");
        header[TYPE_AT] = '0';
        put(header, 257, "ustar\u000000");
        put(header, CHECKSUM_AT, String.format("%06o\u0000 ", checksum(header)));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    /** The sum of the header's bytes, its own place counted as spaces. */
    private static int checksum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? ' ' : header[i] & 0xFF;
        }
        return sum;
    }

    private static int padding(long size) {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    /**
     * Writes an archive's files into a folder.
     *
     * @return how many
     * @throws IOException if it is not whole, or a name leads out of the folder
     */
    static int read(InputStream in, Path folder) throws IOException {
        int files = 0;
        while (true) {
            byte[] header = in.readNBytes(BLOCK);
            if (header.length < BLOCK) {
                throw new EOFException("the archive is not whole");
            }
            if (header[0] == 0) {
                return files;
            }
            if (Long.parseLong(text(header, CHECKSUM_AT, 8).trim(), 8) != checksum(header)) {
                throw new IOException("this is not a tar archive");
            }
            String name = text(header, 0, NAME);
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder.normalize()) || header[TYPE_AT] != '0') {
                throw new IOException("'" + name + "' is not a file of a backup");
            }
            long size = Long.parseLong(text(header, SIZE_AT, SIZE_DIGITS).trim(), 8);
            Files.createDirectories(file.getParent());
            try (OutputStream out = Files.newOutputStream(file)) {
                copy(in, out, size);
            }
            in.skipNBytes(padding(size));
            files++;
        }
    }

    private static void copy(InputStream in, OutputStream out, long size) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long left = size;
        while (left > 0) {
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) {
                throw new EOFException("the archive is not whole");
            }
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }
}
