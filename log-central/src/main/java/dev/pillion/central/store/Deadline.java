package dev.pillion.central.store;

import java.time.Duration;

/** The end of a query's time, or of the interest in it. Asked by the thread that runs the query. */
public final class Deadline {

    private final long end;
    private final Duration limit;
    private volatile boolean cancelled;

    public Deadline(Duration limit) {
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
    }

    /** Ends the query at its next look here. Any thread. */
    public void cancel() {
        cancelled = true;
    }

    /**
     * @throws QueryStopped once the time is over or nobody waits any more
     */
    public void check() {
        if (cancelled) {
            throw new QueryStopped(QueryStopped.Kind.NOBODY_WAITS, "whoever asked has gone");
        }
        if (System.nanoTime() - end > 0) {
            throw new QueryStopped(
                    QueryStopped.Kind.TIME_OVER,
                    "the query took longer than " + limit + " (central.query.timeout)");
        }
    }
}
