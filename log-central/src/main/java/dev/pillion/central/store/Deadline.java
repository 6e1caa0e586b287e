package dev.pillion.central.store;

import java.time.Duration;

/**
 * The end of a query's time. Used by the one thread that runs the query; others may only cancel it.
 */
public final class Deadline {

    private static final int LOOK_EVERY = 4096;

    private final long end;
    private final Duration limit;
    private int steps;
    private volatile boolean cancelled;

    public Deadline(Duration limit) {
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
    }

    /** Ends the query at its next check; may be called from any thread. */
    public void cancel() {
        cancelled = true;
    }

    /**
     * @throws QueryStopped once the time is over, or nobody waits for the answer any more
     */
    public void check() {
        if (cancelled) {
            throw new QueryStopped("whoever asked has gone");
        }
        if (System.nanoTime() - end > 0) {
            throw new QueryStopped(
                    "the query took longer than " + limit + " (central.query.timeout)");
        }
    }

    /** A text that a runaway regular expression cannot read for ever. */
    CharSequence watch(String text) {
        return new Watched(text);
    }

    private final class Watched implements CharSequence {
        private final String text;

        Watched(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++steps % LOOK_EVERY == 0) {
                check();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
