package dev.pillion.adapter.ship;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The far end takes nothing: said once for all files when it begins, and when it is over. Every
 * worker tells how its requests ended. Thread-safe: one lock, which a request that is taken while
 * nothing is wrong does not need.
 *
 * <p>A far end that fails one request in a hundred begins and ends an outage with each. So what
 * begins within {@link #PAUSE} of an end that was said goes on as the same outage, unsaid; if it
 * lasts longer than that, the next request that fails says it. However the far end fails, this is
 * one WARN and one INFO in {@link #PAUSE} at most.
 */
public final class Outage {

    private static final Logger LOG = Logger.getLogger(Outage.class.getName());

    /** From an end to the next beginning, and from one reason to another. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final LongSupplier waiting;

    private volatile boolean away;
    private long sinceNanos;

    /** What was said last of the outage that lasts; empty if nothing was. */
    private String said = "";

    /** No beginning and no other reason before this. */
    private long quietUntilNanos;

    /**
     * @param nanoTime the monotonic clock
     * @param waiting how many files have something that is not delivered
     */
    public Outage(LongSupplier nanoTime, LongSupplier waiting) {
        this.nanoTime = nanoTime;
        this.waiting = waiting;
        this.quietUntilNanos = nanoTime.getAsLong();
    }

    /** A request ended so. What is refused is one file's matter. */
    void heard(Delivery delivery) {
        switch (delivery) {
            case Delivery.Accepted taken -> {
                if (away) {
                    over();
                }
            }
            case Delivery.Retry retry -> failed(retry.reason());
            case Delivery.Refusal refusal -> {}
        }
    }

    private synchronized void failed(String reason) {
        long now = nanoTime.getAsLong();
        if (!away) {
            away = true;
            sinceNanos = now;
        }
        if (reason.equals(said) || now - quietUntilNanos < 0) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "nothing is delivered, the files are the queue: {0} (/files has the reason of each"
                        + " file, adapter_lag_bytes what waits)",
                reason);
        said = reason;
        quietUntilNanos = now + PAUSE.toNanos();
    }

    private synchronized void over() {
        if (away && !said.isEmpty()) {
            long now = nanoTime.getAsLong();
            LOG.log(
                    Level.INFO,
                    "delivered again, after {0} s; {1} files had been waiting",
                    new Object[] {
                        String.format(Locale.ROOT, "%.1f", (now - sinceNanos) / 1e9),
                        waiting.getAsLong()
                    });
            quietUntilNanos = now + PAUSE.toNanos();
        }
        said = "";
        away = false;
    }
}
