package dev.pillion.central.store;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Chunks that were found damaged: each is told once, counted, and left out of answers; the rest is
 * served. Any thread.
 */
final class Damage {

    private static final Logger LOG = Logger.getLogger(Damage.class.getName());

    /** Chunks remembered one by one, so that each is told once. */
    private static final int MAX_KNOWN = 10_000;

    private static final Set<Long> KNOWN = ConcurrentHashMap.newKeySet();

    private Damage() {}

    static void found(Chunk chunk, Exception why) {
        if (KNOWN.size() < MAX_KNOWN && KNOWN.add(chunk.first())) {
            LOG.log(
                    Level.WARNING,
                    "a chunk of {0} records is damaged and left out of answers: {1}",
                    new Object[] {chunk.count(), why.getMessage()});
        }
    }

    static long chunks() {
        return KNOWN.size();
    }
}
