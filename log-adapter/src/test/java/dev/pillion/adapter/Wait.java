package dev.pillion.adapter;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition with a deadline. */
public final class Wait {

    private Wait() {}

    public static void until(BooleanSupplier condition, Supplier<?> state) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 20 s: " + state.get());
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
