package dev.pillion.central.store;

import java.time.Duration;

/** A request that was not taken, and will be if it is sent again later. */
public final class NotTaken extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Kind {
        /** More comes than can be written: 429. */
        BUSY,
        /** The disk has no room or fails: 503. */
        NO_ROOM
    }

    private final Kind kind;
    private final Duration retryAfter;

    NotTaken(Kind kind, String message, Duration retryAfter) {
        super(message, null, false, false);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
