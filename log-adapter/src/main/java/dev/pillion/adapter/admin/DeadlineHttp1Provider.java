package dev.pillion.adapter.admin;

import io.helidon.common.Weight;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

import java.time.Duration;
import java.util.List;

/** Helidon's own HTTP/1.1 with a {@link HeadDeadline}. */
@Weight(200) // Before Helidon's own, which it stands for.
public final class DeadlineHttp1Provider implements ServerConnectionSelectorProvider<Http1Config> {

    private static final String HTTP_1_1 = "http_1_1";

    /** nginx waits for a minute, HAProxy as long as it is told, often 10 s. */
    private static final Duration HEAD_LIMIT = Duration.ofSeconds(10);

    private final Duration limit;

    /** For {@link java.util.ServiceLoader}. */
    public DeadlineHttp1Provider() {
        this(HEAD_LIMIT);
    }

    DeadlineHttp1Provider(Duration limit) {
        this.limit = limit;
    }

    @Override
    public Class<Http1Config> protocolConfigType() {
        return Http1Config.class;
    }

    @Override
    public String protocolType() {
        return HTTP_1_1;
    }

    @Override
    public ServerConnectionSelector create(
            String listener, Http1Config config, ProtocolConfigs protocols) {
        // Alone: of two listeners Helidon 4.3.0 calls none (Http1ConnectionListenerUtil).
        return Http1ConnectionSelector.builder()
                .config(
                        Http1Config.builder(config)
                                .receiveListeners(List.of(new HeadDeadline(limit)))
                                .build())
                .build();
    }
}
