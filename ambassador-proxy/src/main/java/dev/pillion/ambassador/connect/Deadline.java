package dev.pillion.ambassador.connect;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Bounds blocking work by closing what it blocks on: one mechanism for connect, handshake, read and
 * write alike. Thread-safe.
 */
public final class Deadline implements AutoCloseable {

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final ScheduledFuture<?> closing;
    private volatile boolean passed;

    private Deadline(Duration limit, Closeable what) {
        this.closing =
                TIMER.schedule(
                        () -> {
                            passed = true;
                            try {
                                what.close();
                            } catch (IOException ignored) {
                                // it is closed for whoever waits on it
                            }
                        },
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /**
     * Closes {@code what} after {@code limit}, unless this deadline is closed before.
     *
     * @param limit from now
     * @param what a socket that a thread blocks on
     */
    public static Deadline of(Duration limit, Closeable what) {
        return new Deadline(limit, what);
    }

    /** Whether time ran out: tells a timeout from another failure. */
    public boolean passed() {
        return passed;
    }

    @Override
    public void close() {
        closing.cancel(false);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("deadlines").factory());
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
