package dev.pillion.ambassador.connect;

import java.io.IOException;
import java.util.Locale;

/** An upstream that could not be reached or believed. The message holds no secret. */
public final class ConnectFailure extends IOException {

    private static final long serialVersionUID = 1L;

    /** Why; a label of the failure metric. */
    public enum Kind {
        UNKNOWN_HOST,
        REFUSED,
        TIMED_OUT,
        UNREACHABLE,
        TLS,
        LOST;

        /** As metrics have it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    /**
     * @param kind why
     * @param message names the upstream and the reason
     */
    public ConnectFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** Why. */
    public Kind kind() {
        return kind;
    }
}
