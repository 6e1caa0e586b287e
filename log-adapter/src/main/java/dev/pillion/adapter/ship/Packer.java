package dev.pillion.adapter.ship;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

import dev.pillion.adapter.ship.Endpoint.Compression;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Packs requests into one buffer, reused from batch to batch. Owned by one thread. */
public final class Packer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Packer.class.getName());

    /** Of plain lines -1, -3 and -5 took no less CPU, and 9, 11 and 18 % more bytes. */
    private static final int ZSTD_LEVEL = 1;

    /** Gzip's header (RFC 1952, section 2.3): deflate, fastest, no name, no time. */
    private static final byte[] GZIP_HEAD = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 4, (byte) 255};

    /** Where zstd-jni unpacks its library, unless it is told here: java.io.tmpdir. */
    private static final String FOLDER = "ZstdTempFolder";

    /** The library is the whole process': what kept it from being loaded once keeps it for ever. */
    private static boolean zstdMissing;

    private byte[] packed = new byte[0];
    private Deflater deflater;
    private ZstdCompressCtx zstd;

    /**
     * Has zstd's library unpacked into this folder, the one that a read-only container may write
     * to; what killed processes left there is removed. For the whole process: to be called once,
     * before the first is made.
     *
     * @throws IOException if the folder cannot be read
     */
    public static void unpackInto(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "libzstd-jni-*")) {
                for (Path path : left) {
                    Files.deleteIfExists(path);
                }
            }
        }
        if (System.getProperty(FOLDER) == null) {
            System.setProperty(FOLDER, folder.toString());
        }
    }

    /** Packs by gzip or zstd; {@link #bytes} holds it from 0 to what is returned. */
    int pack(Compression compression, byte[] bytes, int length) {
        return compression == Compression.ZSTD ? zstd(bytes, length) : gzip(bytes, length);
    }

    byte[] bytes() {
        return packed;
    }

    /** Whether zstd's native code can be used here; loads it at the first call. */
    boolean zstd() {
        if (zstd == null) {
            zstd = load();
        }
        return zstd != null;
    }

    /** Null if it cannot be; said once. */
    private static synchronized ZstdCompressCtx load() {
        if (zstdMissing) {
            return null;
        }
        try {
            return new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
        } catch (LinkageError e) {
            zstdMissing = true;
            LOG.log(
                    Level.WARNING,
                    "zstd cannot be used here, gzip is: {0}; its library is unpacked into"
                            + " adapter.state-directory, mount that with room for it and so that"
                            + " code may run in it",
                    e.getMessage());
            return null;
        }
    }

    private int zstd(byte[] bytes, int length) {
        room((int) Zstd.compressBound(length));
        return zstd.compressByteArray(packed, 0, packed.length, bytes, 0, length);
    }

    private int gzip(byte[] bytes, int length) {
        if (deflater == null) {
            deflater = new Deflater(Deflater.BEST_SPEED, true);
        }
        room(length / 4 + 4096);
        System.arraycopy(GZIP_HEAD, 0, packed, 0, GZIP_HEAD.length);
        deflater.reset();
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        int at = GZIP_HEAD.length;
        while (!deflater.finished()) {
            if (packed.length - at < 1024) {
                packed = Arrays.copyOf(packed, packed.length * 2);
            }
            at += deflater.deflate(packed, at, packed.length - at - 8);
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        at = little(at, (int) crc.getValue());
        return little(at, length);
    }

    private int little(int from, int value) {
        for (int i = 0; i < 4; i++) {
            packed[from + i] = (byte) (value >>> (8 * i));
        }
        return from + 4;
    }

    private void room(int bytes) {
        if (packed.length < bytes) {
            // Not for each request that is a little larger.
            packed = new byte[bytes + bytes / 8];
        }
    }

    @Override
    public void close() {
        if (deflater != null) {
            deflater.end();
        }
        if (zstd != null) {
            zstd.close();
        }
    }
}
