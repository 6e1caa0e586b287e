package dev.pillion.ambassador.listen;

import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One port for sessions that are relayed (postgres, tcp). One virtual thread accepts; each session
 * gets its own.
 */
public final class SocketListener implements Listeners.Listener {

    private static final Logger LOG = System.getLogger(SocketListener.class.getName());
    private static final int BACKLOG = 512;
    private static final Duration AFTER_FAILED_ACCEPT = Duration.ofMillis(100);

    /** What to do with a connection. */
    public interface Sessions {

        /**
         * Serves one connection and runs {@code over} once when it has ended.
         *
         * @param route as it was when the connection was accepted
         */
        void serve(Route route, SocketChannel channel, Runnable over);

        /** Says in the client's protocol that there are too many. */
        void refuse(Route route, SocketChannel channel);
    }

    private final ServerSocketChannel server;
    private final InetSocketAddress address;
    private final Sessions sessions;
    private final RouteStatistics statistics;
    private final AtomicInteger open = new AtomicInteger();
    private volatile Route route;

    /**
     * Binds and accepts from now on.
     *
     * @throws IOException if the port cannot be bound
     */
    public SocketListener(Route route, Sessions sessions, RouteStatistics statistics)
            throws IOException {
        this.route = route;
        this.sessions = sessions;
        this.statistics = statistics;
        InetSocketAddress wanted = route.listen().resolve();
        if (wanted.isUnresolved()) {
            throw new UnknownHostException(route.listen().host());
        }
        this.server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(wanted, BACKLOG);
        } catch (IOException unbound) {
            server.close();
            throw unbound;
        }
        this.address = (InetSocketAddress) server.getLocalAddress();
        Thread.ofVirtual().name("accept " + route.name()).start(this::accept);
    }

    @Override
    public void serve(Route changed) {
        this.route = changed;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException ignored) {
            // it accepts nothing more
        }
    }

    private void accept() {
        long number = 0;
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Route now = route;
                Thread.ofVirtual()
                        .name("session " + now.name() + " #" + ++number)
                        .start(() -> session(now, channel));
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException failed) {
                LOG.log(
                        Level.WARNING,
                        "accept failed route={0}: {1}",
                        route.name(),
                        failed.getMessage());
                pause();
            }
        }
    }

    private void session(Route now, SocketChannel channel) {
        statistics.sessionsTotal.increment();
        if (open.incrementAndGet() > now.maxSessions()) {
            open.decrementAndGet();
            statistics.refused(
                    java.time.Instant.now(),
                    "too_many_sessions",
                    "more than max-sessions " + now.maxSessions());
            sessions.refuse(now, channel);
            return;
        }
        statistics.sessionsOpen.increment();
        Runnable over =
                () -> {
                    open.decrementAndGet();
                    statistics.sessionsOpen.decrement();
                };
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "gone before it was served");
        }
        sessions.serve(now, channel, over);
    }

    /** Out of descriptors, most likely: trying again at once would only burn the processor. */
    private static void pause() {
        try {
            Thread.sleep(AFTER_FAILED_ACCEPT);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
