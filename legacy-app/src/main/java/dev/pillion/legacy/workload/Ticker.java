package dev.pillion.legacy.workload;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs something at once and then again and again, on a thread of its own, with the same pause
 * between two runs; until {@link #close}. A run that throws is logged and does not end it.
 */
public final class Ticker implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(Ticker.class);

    /** How long a run that is under way may take at the end, and again once interrupted. */
    private static final Duration LAST_RUN = Duration.ofSeconds(1);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private Ticker(String name, Duration pause, Runnable work) {
        thread = Thread.ofVirtual().name(name).unstarted(() -> run(pause, work));
    }

    /**
     * Starts a ticker.
     *
     * @param name of its thread
     * @param pause between the end of a run and the next, above zero
     */
    public static Ticker start(String name, Duration pause, Runnable work) {
        Ticker ticker = new Ticker(name, pause, work);
        ticker.thread.start();
        return ticker;
    }

    private void run(Duration pause, Runnable work) {
        try {
            do {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.error(
                            "{} failed, next run in {}",
                            Thread.currentThread().getName(),
                            pause,
                            e);
                }
            } while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts no other run; does not wait. */
    @Override
    public void close() {
        closed.countDown();
    }

    /** Waits for the run that is under way at {@link #close}; interrupts it after a second. */
    public void awaitEnd() {
        try {
            if (!thread.join(LAST_RUN)) {
                thread.interrupt();
                if (!thread.join(LAST_RUN)) {
                    LOG.warn("{} did not end in time", thread.getName());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
