package dev.pillion.ambassador.relay;

import dev.pillion.ambassador.relay.Observer.Ending;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One selector, one platform thread, many sessions. Others only put sessions into the queue, set
 * the drain or close it; all else happens on the thread.
 */
final class RelayLoop implements AutoCloseable {

    private static final Logger LOG = System.getLogger(RelayLoop.class.getName());
    private static final long TICK_MILLIS = 1000;
    private static final long DRAIN_TICK_MILLIS = 50;

    /**
     * While nothing but streams pass, the loop sleeps a little between two rounds, so that it is
     * woken for many pieces at once instead of for each, and client and server have the processors
     * for so long. COPY of 183 MiB took 150 ms of its CPU time instead of 240. At 1 GB/s 100 µs are
     * 100 KB, which a socket's buffer holds.
     */
    private static final long STREAM_REST_NANOS = 100_000;

    /** Whoever speaks more often than that many rounds of a stream is never made to wait. */
    private static final int ROUNDS_BEFORE_REST = 8;

    private final Selector selector;
    private final Buffers buffers = new Buffers();
    private final Queue<Session> arriving = new ConcurrentLinkedQueue<>();
    private final Set<Session> sessions = new HashSet<>();
    private final CountDownLatch empty = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean draining;
    private volatile long idleEnd;
    private volatile long drainEnd;
    private long lastTick = System.nanoTime();

    /** Rounds in a row in which something passed, and nothing but streams; no more than counts. */
    private int roundsOfStreams;

    /** Whether anything but a stream passed in this round. */
    private boolean spoken;

    RelayLoop(String name) throws IOException {
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void add(Session session) {
        arriving.add(session);
        selector.wakeup();
    }

    void drain(long idle, long end) {
        idleEnd = idle;
        drainEnd = end;
        draining = true;
        selector.wakeup();
    }

    void awaitEmpty(long until) throws InterruptedException {
        long nanos = until - System.nanoTime();
        if (!empty.await(Math.max(nanos, 0), TimeUnit.NANOSECONDS)) {
            LOG.log(Level.WARNING, "sessions outlived the drain");
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }

    private void run() {
        while (!closed) {
            if (roundsOfStreams == ROUNDS_BEFORE_REST) {
                LockSupport.parkNanos(STREAM_REST_NANOS);
            }
            try {
                int ready =
                        selector.select(this::ready, draining ? DRAIN_TICK_MILLIS : TICK_MILLIS);
                roundsOfStreams =
                        ready == 0 || spoken
                                ? 0
                                : Math.min(roundsOfStreams + 1, ROUNDS_BEFORE_REST);
                spoken = false;
            } catch (IOException | ClosedSelectorException broken) {
                LOG.log(Level.ERROR, "the selector broke", broken);
                break;
            }
            take();
            tick();
        }
        take();
        List.copyOf(sessions).forEach(session -> session.end(Ending.DRAINED));
        empty.countDown();
        try {
            selector.close();
        } catch (IOException ignored) {
            // the process ends
        }
    }

    private void ready(SelectionKey key) {
        Attachment attached = (Attachment) key.attachment();
        Session session = attached.session();
        guarded(session, () -> session.ready(attached.end(), buffers));
        if (!session.streaming()) {
            spoken = true;
        }
    }

    private void take() {
        Session session = arriving.poll();
        while (session != null) {
            Session arrived = session;
            sessions.add(arrived);
            try {
                register(arrived, arrived.client);
                register(arrived, arrived.upstream);
                guarded(arrived, () -> arrived.begin(buffers));
            } catch (ClosedChannelException gone) {
                arrived.end(Ending.CLIENT_LOST);
                sessions.remove(arrived);
            }
            session = arriving.poll();
        }
    }

    private void register(Session session, End end) throws ClosedChannelException {
        end.key =
                end.channel.register(selector, SelectionKey.OP_READ, new Attachment(session, end));
    }

    private void tick() {
        long now = System.nanoTime();
        long interval = draining ? DRAIN_TICK_MILLIS : TICK_MILLIS;
        if (now - lastTick < TimeUnit.MILLISECONDS.toNanos(interval)) {
            return;
        }
        lastTick = now;
        for (Session session : new ArrayList<>(sessions)) {
            guarded(
                    session,
                    () -> {
                        session.tick(now, buffers);
                        boolean late = draining && now - drainEnd > 0;
                        if (late || (draining && now - idleEnd > 0)) {
                            session.drain(late, buffers);
                        }
                        if (late) {
                            session.end(Ending.DRAINED);
                        }
                    });
        }
        if (draining && sessions.isEmpty() && arriving.isEmpty()) {
            empty.countDown();
        }
    }

    /** A bug in one session must not end the others'. */
    private void guarded(Session session, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, "a session broke", bug);
            session.end(Ending.UPSTREAM_LOST);
        }
        if (session.over()) {
            sessions.remove(session);
        }
    }

    private record Attachment(Session session, End end) {}
}
