package dev.pillion.central.ingest;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.spi.ContentEncodingProvider;

import java.util.Set;

/**
 * Hands compressed bodies on as they were sent. The web server refuses a Content-Encoding that
 * nobody claims, and would decompress without a limit one that somebody does; this claims the known
 * ones and leaves them alone. {@link Body} decompresses what is taken, {@link IngestService}
 * refuses the rest with an answer that says what is.
 */
public final class AsSentProvider implements ContentEncodingProvider {

    private static final String NAME = "as-sent";

    @Override
    public String configKey() {
        return NAME;
    }

    @Override
    @SuppressWarnings("removal") // The interface has no other parameter type yet.
    public ContentEncoding create(io.helidon.common.config.Config config, String name) {
        return new AsSent();
    }

    private static final class AsSent implements ContentEncoding {
        @Override
        public Set<String> ids() {
            return Set.of("gzip", "x-gzip", "zstd", "br", "deflate", "compress", "snappy", "lz4");
        }

        @Override
        public boolean supportsEncoding() {
            return false;
        }

        @Override
        public boolean supportsDecoding() {
            return true;
        }

        @Override
        public ContentDecoder decoder() {
            return ContentDecoder.NO_OP;
        }

        @Override
        public ContentEncoder encoder() {
            return ContentEncoder.NO_OP;
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String type() {
            return NAME;
        }
    }
}
