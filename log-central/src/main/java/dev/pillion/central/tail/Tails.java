package dev.pillion.central.tail;

import dev.pillion.central.store.Deadline;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.Since;
import dev.pillion.central.store.LogStore.StoredRecord;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * All live readers. Each reads from the store itself what came after its position, on its own
 * virtual thread: there is no queue that could overflow, so one that is slow or comes back reads on
 * from where it was, and is told if that is no longer kept. A semaphore bounds how many there are.
 */
public final class Tails {

    private static final int BATCH = 500;
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final long STOP_CHECK_MILLIS = 500;

    /** Also how long it takes to notice that a silent reader has gone, or may not read any more. */
    private static final long KEEP_ALIVE_NANOS = 10_000_000_000L;

    private final LogStore store;
    private final Semaphore readers;
    private volatile boolean stopping;

    /** A reader's far end; each call writes to it. */
    public interface Reader {
        /** Where the reader is: told first, and when others than its records came. */
        void position(long number) throws IOException;

        /** Records after this number are not kept any more. */
        void gap(long number) throws IOException;

        void record(StoredRecord record) throws IOException;

        /** All of a batch was given. */
        void flush() throws IOException;

        /** Nothing came for a while. */
        void silence() throws IOException;
    }

    /** There are as many readers as there may be. */
    public static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1;

        Full() {
            super("too many readers (central.tail.readers)", null, false, false);
        }
    }

    public Tails(LogStore store, int readers) {
        this.store = store;
        this.readers = new Semaphore(readers);
    }

    /** Ends all readers, so that the server can stop. */
    public void stop() {
        stopping = true;
    }

    /**
     * Begins to follow.
     *
     * @throws Full if there are too many
     */
    public Tail open() {
        if (!readers.tryAcquire()) {
            throw new Full();
        }
        return new Tail();
    }

    /** One reader's place. */
    public final class Tail implements AutoCloseable {
        private long given;

        /** How many records it was given. */
        public long given() {
            return given;
        }

        /**
         * Gives what comes until the reader has gone or may not read any more.
         *
         * @param after the number after which to begin; 0 is the oldest record
         * @param allowed asked now and then
         * @throws IOException if the reader has gone
         */
        public void follow(Reader reader, Selection selection, long after, BooleanSupplier allowed)
                throws IOException, InterruptedException {
            long position = Math.min(after, store.lastNumber());
            if (position < after) {
                // The number is another store's: what was between cannot be known.
                reader.gap(position);
            }
            reader.position(position);
            reader.flush();
            long told = System.nanoTime();
            while (!stopping) {
                long now = System.nanoTime();
                if (now - told > KEEP_ALIVE_NANOS) {
                    if (!allowed.getAsBoolean()) {
                        return;
                    }
                    reader.silence();
                    reader.flush();
                    told = now;
                }
                if (!store.awaitAfter(position, STOP_CHECK_MILLIS)) {
                    continue;
                }
                Since since = store.since(position, selection, BATCH, new Deadline(STEP));
                if (since.missing() && position > 0) {
                    reader.gap(position);
                }
                List<StoredRecord> records = since.records();
                for (StoredRecord record : records) {
                    reader.record(record);
                }
                given += records.size();
                position = since.last();
                if (records.isEmpty()) {
                    // Nothing matched, but a reader that comes back need not look again.
                    reader.position(position);
                }
                reader.flush();
            }
        }

        @Override
        public void close() {
            readers.release();
        }
    }
}
