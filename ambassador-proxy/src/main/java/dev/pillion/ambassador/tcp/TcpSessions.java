package dev.pillion.ambassador.tcp;

import dev.pillion.ambassador.connect.ConnectFailure;
import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.Dialer;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.listen.SessionEvent;
import dev.pillion.ambassador.relay.Observer;
import dev.pillion.ambassador.relay.Relay;
import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.util.List;
import java.util.Locale;

/** Connects to the first upstream that accepts and relays. A virtual thread for each session. */
public final class TcpSessions {

    private final Relay relay;
    private final TlsContexts contexts;
    private final Clock clock;

    /**
     * @param clock for the time of a failure
     */
    public TcpSessions(Relay relay, TlsContexts contexts, Clock clock) {
        this.relay = relay;
        this.contexts = contexts;
        this.clock = clock;
    }

    /**
     * Serves one connection.
     *
     * @param over run once, when the session has ended
     */
    public void serve(
            Route.Tcp route, SocketChannel channel, RouteStatistics statistics, Runnable over) {
        SessionEvent event = SessionEvent.begin(route, channel);
        String how = "unreachable";
        for (HostPort host : route.upstreams()) {
            try {
                Wire upstream = connect(route, host);
                Dialer.keepAlive(channel, route.keepAlive());
                Dialer.keepAlive(upstream.channel(), route.keepAlive());
                event.connected(host.toString());
                statistics.connected(event.loginMillis());
                relay.start(
                        new Wire(channel),
                        upstream,
                        new Ended(statistics, event, over),
                        route.halfCloseTimeout());
                return;
            } catch (ConnectFailure failure) {
                how = failure.kind().text();
                statistics.failed(clock.instant(), how, failure.getMessage());
            } catch (IOException gone) {
                how = "client_lost";
                break;
            }
        }
        event.end(how, 0, 0);
        over.run();
        try {
            channel.close();
        } catch (IOException ignored) {
            // the client sees the end of it
        }
    }

    private Wire connect(Route.Tcp route, HostPort host) throws ConnectFailure {
        SocketChannel channel = Dialer.dial(host, route.connectTimeout());
        Wire wire = new Wire(channel);
        if (route.tls().enabled()) {
            try (Deadline deadline = Deadline.of(route.connectTimeout(), channel)) {
                try {
                    wire.startTls(contexts.clientEngine(route.tls(), host, List.of()));
                } catch (IOException failed) {
                    channel.close();
                    throw new ConnectFailure(
                            deadline.passed()
                                    ? ConnectFailure.Kind.TIMED_OUT
                                    : ConnectFailure.Kind.TLS,
                            host + ": TLS failed: " + failed.getMessage());
                }
            } catch (ConnectFailure failure) {
                throw failure;
            } catch (IOException closed) {
                throw new ConnectFailure(ConnectFailure.Kind.TLS, host + ": TLS failed");
            }
        }
        return wire;
    }

    /** Nothing is known of what passes. */
    private record Ended(RouteStatistics statistics, SessionEvent event, Runnable over)
            implements Observer {

        @Override
        public void ended(Ending ending, long bytesUp, long bytesDown) {
            statistics.bytesUp.add(bytesUp);
            statistics.bytesDown.add(bytesDown);
            event.end(ending.name().toLowerCase(Locale.ROOT), bytesUp, bytesDown);
            over.run();
        }
    }
}
