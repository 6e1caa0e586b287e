package dev.pillion.central.store;

import java.time.Duration;

/** The end of a query's time. Used by the one thread that runs the query. */
public final class Deadline {

    private static final int LOOK_EVERY = 4096;

    private final long end;
    private final Duration limit;
    private int steps;

    public Deadline(Duration limit) {
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
    }

    /**
     * @throws QueryStopped once the time is over
     */
    public void check() {
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
