package dev.pillion.central.connect;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Watches connections: that a request's head and body come in time, that somebody still waits for
 * its answer, and takes it. One thread looks at all of them a few times a second.
 *
 * @see WatchedHttp1Provider where connections come from
 */
public final class Connections implements AutoCloseable {

    private static final long LOOK_EVERY_MILLIS = 200;

    /** A request that takes less is not worth a look. */
    private static final long LONG_NANOS = 500_000_000;

    /** Guarded by itself; the web server makes its connections without asking us. */
    private static final Map<SocketAddress, Open> OPEN = new ConcurrentHashMap<>();

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final long headNanos;
    private final Thread thread;

    /** A connection, whether a request of it is being handled, and since when it writes. */
    static final class Open {
        private final HelidonSocket socket;
        private final long writeNanos;
        private BooleanSupplier idle = () -> true;
        private volatile boolean handled;
        private volatile boolean writing;
        private volatile long writingSince;
        private long headSince;

        /**
         * @param writeTime how long the client may leave what is written to it at one time
         */
        Open(HelidonSocket socket, Duration writeTime) {
            this.socket = socket;
            this.writeNanos = writeTime.toNanos();
        }

        /** On the connection's thread: takes as long as the client lets it. */
        void write(Runnable write) {
            writingSince = System.nanoTime();
            writing = true;
            try {
                write.run();
            } finally {
                writing = false;
            }
        }

        private void look(long now, long headNanos) {
            if (writing && now - writingSince > writeNanos) {
                socket.close();
            }
            if (handled || idle.getAsBoolean()) {
                headSince = 0;
            } else if (headSince == 0) {
                headSince = now;
            } else if (now - headSince > headNanos) {
                socket.close();
            }
        }
    }

    /**
     * @param headTime how long the head of a request may take to come; then its connection is
     *     closed
     */
    public Connections(Duration headTime) {
        headNanos = headTime.toNanos();
        thread = Thread.ofPlatform().name("connections").daemon().start(this::look);
    }

    /**
     * @param idle whether no request has begun to come
     */
    static void opened(SocketAddress peer, Open open, BooleanSupplier idle) {
        open.idle = idle;
        OPEN.put(peer, open);
    }

    static void handled(SocketAddress peer, boolean handled) {
        Open open = OPEN.get(peer);
        if (open != null) {
            open.handled = handled;
        }
    }

    /**
     * Round each request's handling, so that it is known when its head has come.
     *
     * @throws CloseConnectionException if the answer says that it is the connection's last: Helidon
     *     itself would wait for the client to end it, and take what is left of an unread body for
     *     the next request
     */
    public static void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        SocketAddress peer = request.remotePeer().address();
        handled(peer, true);
        try {
            chain.proceed();
        } finally {
            handled(peer, false);
        }
        if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            throw new CloseConnectionException("as answered");
        }
    }

    /**
     * Reads on, and nothing of it is kept, until the client has ended the connection too or the
     * time for a head is over: closed with bytes unread it would be reset, and the answer lost on
     * its way (RFC 9112 section 9.6).
     */
    static void linger(HelidonSocket socket) {
        try {
            while (socket.get() != null) {
                // What the answer was given without.
            }
        } catch (UncheckedIOException e) {
            // Over as well.
        }
    }

    static void closed(SocketAddress peer) {
        OPEN.remove(peer);
    }

    /** Ends when closed. */
    public static final class Watch implements AutoCloseable {
        private final Set<Watch> watches;
        private final HelidonSocket socket;
        private final long begin = System.nanoTime();
        private final long closeAfterNanos;
        private final Runnable gone;
        private boolean over;
        private boolean reading;

        private Watch(
                Set<Watch> watches, HelidonSocket socket, long closeAfterNanos, Runnable gone) {
            this.watches = watches;
            this.socket = socket;
            this.closeAfterNanos = closeAfterNanos;
            this.gone = gone;
        }

        private synchronized void look(long now) {
            if (over || socket == null || now - begin < LONG_NANOS) {
                return;
            }
            if (now - begin > closeAfterNanos) {
                over = true;
                socket.close();
                gone.run();
            } else if (closeAfterNanos == Long.MAX_VALUE && !reading) {
                // Nobody reads from it now, so the end of it would not be noticed.
                reading = true;
                Thread.ofVirtual()
                        .name("waits for the end of " + socket.socketId())
                        .start(this::read);
            }
        }

        private void read() {
            while (true) {
                boolean ended;
                try {
                    ended = socket.get() == null;
                } catch (UncheckedIOException e) {
                    if (e.getCause() instanceof SocketTimeoutException && !isOver()) {
                        continue;
                    }
                    ended = true;
                }
                synchronized (this) {
                    if (ended && !over) {
                        over = true;
                        gone.run();
                    }
                    return;
                }
            }
        }

        private synchronized boolean isOver() {
            return over;
        }

        /**
         * Whether it was read from, so that nobody else can read requests from it any more: the
         * answer must say that the connection ends with it.
         */
        public synchronized boolean wasRead() {
            return reading;
        }

        @Override
        public void close() {
            watches.remove(this);
            synchronized (this) {
                over = true;
            }
        }
    }

    /**
     * @param gone is run once, on another thread, if the client closes the connection; nothing may
     *     be read from the request meanwhile, nor afterwards if {@link Watch#wasRead}
     */
    public Watch whenGone(ServerRequest request, Runnable gone) {
        return watch(request, Long.MAX_VALUE, gone);
    }

    /** Closes the connection if this is not closed in time. */
    public Watch closeAfter(ServerRequest request, Duration time) {
        return watch(request, time.toNanos(), () -> {});
    }

    private Watch watch(ServerRequest request, long closeAfterNanos, Runnable gone) {
        Open open = OPEN.get(request.remotePeer().address());
        Watch watch = new Watch(watches, open == null ? null : open.socket, closeAfterNanos, gone);
        watches.add(watch);
        return watch;
    }

    private void look() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
                long now = System.nanoTime();
                watches.forEach(watch -> watch.look(now));
                OPEN.values().forEach(open -> open.look(now, headNanos));
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
