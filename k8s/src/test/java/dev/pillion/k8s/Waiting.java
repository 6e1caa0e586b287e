package dev.pillion.k8s;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes by itself. */
public final class Waiting {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Waiting() {}

    /** Asks a service for something that a test waits for. */
    @FunctionalInterface
    public interface Condition {
        /** Whether it is so; an {@link IOException} means not yet. */
        boolean holds() throws Exception;
    }

    /** Waits until a condition holds; fails with what it is about after three minutes. */
    public static void until(String what, Condition condition) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        IOException refusal = null;
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
                refusal = null;
            } catch (IOException e) {
                refusal = e;
            }
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(
                        "not within " + PATIENCE.toSeconds() + " s: " + what, refusal);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
