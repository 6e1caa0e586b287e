package dev.pillion.central.ingest;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;

/** Reads a request's bytes and undoes their compression, each bounded: a bomb is cut off early. */
public final class Body {

    /**
     * Largest window a zstd frame may ask for: 2^24 = 16 MiB, a bound on what a header allocates.
     */
    private static final int MAX_WINDOW_LOG = 24;

    /** So little that a sender who sends nothing more holds next to nothing. */
    private static final int FIRST_BUFFER = 16 * 1024;

    private static final int FIRST_DECOMPRESSED = 1 << 20;

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
     * @param first bytes to begin with
     * @param memory is told of each byte more before it is allocated
     * @throws Malformed if there is more
     */
    private static byte[] read(
            InputStream in, int first, long limit, String setting, LongConsumer memory)
            throws IOException {
        memory.accept(first);
        byte[] buffer = new byte[first];
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
                int larger = (int) Math.min(buffer.length * 2L, limit + 1);
                memory.accept(larger - buffer.length);
                buffer = Arrays.copyOf(buffer, larger);
            }
        }
    }

    /**
     * Reads a body as it was sent.
     *
     * @param expected what the sender says its length is, or -1
     * @param memory is told of each byte more before it is allocated
     * @throws Malformed if there is more than the limit
     */
    static byte[] sent(InputStream in, long expected, long limit, LongConsumer memory)
            throws IOException {
        int first = expected >= 0 ? (int) Math.min(expected + 1, FIRST_BUFFER) : FIRST_BUFFER;
        return read(in, first, limit, "central.ingest.request-bytes", memory);
    }

    /** The protobuf body that these bytes stand for. */
    public static byte[] protobuf(
            byte[] sent, Encoding encoding, Format format, IngestLimits limits) {
        return protobuf(sent, encoding, format, limits, _ -> {});
    }

    /**
     * @param memory is told of each byte more before it is allocated
     */
    static byte[] protobuf(
            byte[] sent,
            Encoding encoding,
            Format format,
            IngestLimits limits,
            LongConsumer memory) {
        byte[] plain = decompress(sent, encoding, limits.decompressedBytes(), memory);
        return switch (format) {
            case PROTOBUF -> plain;
            case JSON -> JsonTranscoder.transcode(plain, limits.depth());
        };
    }

    private static byte[] decompress(
            byte[] sent, Encoding encoding, long limit, LongConsumer memory) {
        if (encoding == Encoding.IDENTITY) {
            return sent;
        }
        try (InputStream in = stream(sent, encoding)) {
            int first = (int) Math.min(Math.min(sent.length * 4L, FIRST_DECOMPRESSED), limit) + 1;
            return read(in, first, limit, "central.ingest.decompressed-bytes", memory);
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
