package dev.pillion.central.ingest;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Reads a request's bytes and undoes their compression, each bounded: a bomb is cut off early. */
public final class Body {

    /**
     * Largest window a zstd frame may ask for: 2^24 = 16 MiB, a bound on what a header allocates.
     */
    private static final int MAX_WINDOW_LOG = 24;

    private static final int FIRST_BUFFER = 64 * 1024;

    /** How the bytes are compressed. */
    public enum Encoding {
        IDENTITY(0),
        GZIP(1),
        ZSTD(2);

        private final int code;

        Encoding(int code) {
            this.code = code;
        }

        /** What the journal writes for it. */
        public int code() {
            return code;
        }

        public static Encoding of(int code) {
            return switch (code) {
                case 0 -> IDENTITY;
                case 1 -> GZIP;
                case 2 -> ZSTD;
                default -> throw new IllegalArgumentException("encoding " + code);
            };
        }
    }

    /** What the bytes are. */
    public enum Format {
        PROTOBUF(0),
        JSON(1);

        private final int code;

        Format(int code) {
            this.code = code;
        }

        /** What the journal writes for it. */
        public int code() {
            return code;
        }

        public static Format of(int code) {
            return switch (code) {
                case 0 -> PROTOBUF;
                case 1 -> JSON;
                default -> throw new IllegalArgumentException("format " + code);
            };
        }
    }

    private Body() {}

    /**
     * Reads up to the limit.
     *
     * @param in not closed
     * @param expected what the sender says it is, or -1
     * @throws Malformed if there is more
     */
    static byte[] read(InputStream in, long expected, long limit, String setting)
            throws IOException {
        int first = expected >= 0 ? (int) Math.min(expected, limit) + 1 : FIRST_BUFFER;
        byte[] buffer = new byte[Math.min(first, FIRST_BUFFER * 16)];
        int size = 0;
        while (true) {
            int count = in.read(buffer, size, buffer.length - size);
            if (count < 0) {
                return Arrays.copyOf(buffer, size);
            }
            size += count;
            if (size > limit) {
                throw Malformed.tooLarge("more than " + limit + " bytes (" + setting + ")");
            }
            if (size == buffer.length) {
                buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 2L, limit + 1));
            }
        }
    }

    /** The protobuf body that these bytes stand for. */
    public static byte[] protobuf(
            byte[] sent, Encoding encoding, Format format, IngestLimits limits) {
        byte[] plain = decompress(sent, encoding, limits.decompressedBytes());
        return switch (format) {
            case PROTOBUF -> plain;
            case JSON -> JsonTranscoder.transcode(plain, limits.depth());
        };
    }

    private static byte[] decompress(byte[] sent, Encoding encoding, long limit) {
        if (encoding == Encoding.IDENTITY) {
            return sent;
        }
        try (InputStream in = stream(sent, encoding)) {
            return read(in, sent.length * 4L, limit, "central.ingest.decompressed-bytes");
        } catch (IOException e) {
            throw Malformed.notOtlp(
                    "the body is not "
                            + (encoding == Encoding.GZIP ? "gzip" : "zstd")
                            + ": "
                            + (e.getMessage() == null ? "it ends too early" : e.getMessage()));
        }
    }

    private static InputStream stream(byte[] sent, Encoding encoding) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(sent);
        if (encoding == Encoding.GZIP) {
            return new GZIPInputStream(in, 8192);
        }
        ZstdInputStreamNoFinalizer zstd = new ZstdInputStreamNoFinalizer(in);
        zstd.setLongMax(MAX_WINDOW_LOG);
        return zstd;
    }
}
