package dev.pillion.central.connect;

import io.helidon.common.Weight;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionProvider;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * Helidon's own HTTP/1.1 connections, each known to {@link Connections} while it is open, because a
 * request does not say which socket it came by, and with bodies {@link AsSent}.
 */
@Weight(200) // Before Helidon's own, which it stands for.
public final class WatchedHttp1Provider implements ServerConnectionSelectorProvider<Http1Config> {

    private static final String HTTP_1_1 = "http_1_1";

    /** The longest query has room in an address, each of its characters as {@code %xx}. */
    private static final int MAX_ADDRESS = 32 << 10;

    /**
     * Lets the web server find this one and not Helidon's. Beside another selector of connections
     * each waits for the first byte to tell which one it is for, and nobody's time reaches it:
     * whoever says nothing would stay for ever. To be called before any web server is started.
     */
    public static void standForHelidons() {
        System.setProperty(
                "io.helidon.common.serviceloader.exclude", Http1ConnectionProvider.class.getName());
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
        return new Selector(
                Http1ConnectionSelector.builder()
                        .config(Http1Config.builder(config).maxPrologueLength(MAX_ADDRESS).build())
                        .addUpgrader(new WebSocketUpgrader())
                        .build());
    }

    private record Selector(ServerConnectionSelector http1) implements ServerConnectionSelector {
        @Override
        public int bytesToIdentifyConnection() {
            return http1.bytesToIdentifyConnection();
        }

        @Override
        public Support supports(BufferData data) {
            return http1.supports(data);
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return http1.supportedApplicationProtocols();
        }

        @Override
        public ServerConnection connection(ConnectionContext context) {
            Connections.Open open =
                    new Connections.Open(
                            context.serverSocket(),
                            context.listenerContext().config().idleConnectionTimeout());
            return new Connection(http1.connection(new AsSent(context, open)), context, open);
        }
    }

    private record Connection(
            ServerConnection http1, ConnectionContext context, Connections.Open open)
            implements ServerConnection, InterruptableTask<Void> {
        @Override
        public boolean canInterrupt() {
            return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            SocketAddress peer = context.remotePeer().address();
            Connections.opened(peer, open, this::canInterrupt);
            try {
                http1.handle(limit);
            } catch (CloseConnectionException e) {
                Connections.linger(context.serverSocket());
                throw e;
            } finally {
                Connections.closed(peer);
            }
        }

        @Override
        public Duration idleTime() {
            return http1.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            http1.close(interrupt);
        }
    }
}
