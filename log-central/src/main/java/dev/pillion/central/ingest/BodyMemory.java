package dev.pillion.central.ingest;

import java.util.concurrent.Semaphore;

/**
 * How many bytes of bodies are in memory, of all requests together. A request takes what it needs
 * as its bytes come, so that one that sends slowly holds little, and never waits for more.
 * Thread-safe.
 */
final class BodyMemory {

    private static final int UNIT = 1024;

    private final Semaphore units;
    private final long bytes;

    BodyMemory(long bytes) {
        this.bytes = bytes;
        this.units = new Semaphore((int) (bytes / UNIT));
    }

    Share share() {
        return new Share();
    }

    /** What one request holds. Used by its thread. */
    final class Share implements AutoCloseable {
        private int held;

        /**
         * @throws Refusal if the others leave too little: 429
         */
        void take(long more) {
            int wanted = (int) Math.ceilDiv(more, UNIT);
            if (!units.tryAcquire(wanted)) {
                throw new Refusal(
                        429,
                        1,
                        "requests that are being received take all of "
                                + bytes
                                + " bytes (central.ingest.body-memory)");
            }
            held += wanted;
        }

        @Override
        public void close() {
            units.release(held);
            held = 0;
        }
    }
}
