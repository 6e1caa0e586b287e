package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what will be true soon; how soon depends on the machine. */
final class Patience {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long BETWEEN_LOOKS_NANOS = 5_000_000;

    private Patience() {}

    interface Condition {
        boolean met() throws Exception;
    }

    /**
     * @throws AssertionError if it is not met within a minute
     * @throws Exception of the condition itself
     */
    static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!condition.met()) {
            assertTrue(System.nanoTime() < end, "not within " + LONGEST);
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        }
    }
}
