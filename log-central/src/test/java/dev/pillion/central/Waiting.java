package dev.pillion.central;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what comes by itself. */
public final class Waiting {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Waiting() {}

    /** Waits until a condition holds; fails after a minute. */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        until(() -> what, condition);
    }

    /**
     * @param state what there is instead, for the failure
     */
    public static void until(Supplier<String> state, Callable<Boolean> condition) throws Exception {
        long begin = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new AssertionError("not within " + PATIENCE + ": " + state.get());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
