package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.Ambassador;

import jakarta.inject.Singleton;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The ambassador of this process, for beans: it is made and started before the container is,
 * because ports of routes must not wait for an admin page. Set once.
 */
@Singleton
public class Running {

    private static final AtomicReference<Ambassador> AMBASSADOR = new AtomicReference<>();

    /** Called before the container starts. */
    public static void set(Ambassador ambassador) {
        AMBASSADOR.set(ambassador);
    }

    /** The ambassador. */
    Ambassador ambassador() {
        return Optional.ofNullable(AMBASSADOR.get())
                .orElseThrow(() -> new IllegalStateException("the ambassador is not started"));
    }
}
