package dev.pillion.adapter.http;

import io.helidon.common.Weight;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionProvider;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Helidon's own HTTP/1.1 connections, each ended when its client keeps it waiting too long: Helidon
 * 4.3.0 has a time only between requests. Found by the container's web server.
 */
@Weight(200) // Before Helidon's own, which it stands for.
public final class WatchedHttp1Provider implements ServerConnectionSelectorProvider<Http1Config> {

    private static final String HTTP_1_1 = "http_1_1";

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
        return selector(config);
    }

    /** Of the connections of one listener, whose time for idle ones is the clients' limit. */
    static ServerConnectionSelector selector(Http1Config config) {
        // Alone: of two listeners Helidon 4.3.0 calls none (Http1ConnectionListenerUtil).
        return new Selector(
                Http1ConnectionSelector.builder()
                        .config(
                                Http1Config.builder(config)
                                        .receiveListeners(List.of(new Heads()))
                                        .build())
                        .build(),
                new Clients());
    }

    private record Heads() implements Http1ConnectionListener {
        @Override
        public void prologue(ConnectionContext connection, HttpPrologue prologue) {
            ((TimedConnection) connection).client().headBegun();
        }

        @Override
        public void headers(ConnectionContext connection, Headers headers) {
            ((TimedConnection) connection).client().headEnded();
        }
    }

    private record Selector(ServerConnectionSelector http1, Clients clients)
            implements ServerConnectionSelector {
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
        public ServerConnection connection(ConnectionContext connection) {
            Client client =
                    new Client(
                            connection.serverSocket(),
                            connection.listenerContext().config().idleConnectionTimeout());
            return new Connection(
                    http1.connection(new TimedConnection(connection, client)), client, clients);
        }
    }

    private record Connection(ServerConnection http1, Client client, Clients clients)
            implements ServerConnection, InterruptableTask<Void> {
        @Override
        public boolean canInterrupt() {
            return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            clients.add(client);
            try {
                http1.handle(limit);
            } finally {
                clients.remove(client);
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
