package dev.pillion.central.ingest;

/**
 * A request body, or one record in it, that is not what its content type says. The message names
 * the place and the reason and goes back to the sender, so it never quotes more than a few bytes.
 */
public final class Malformed extends RuntimeException {

    /** What kind of answer the sender gets. */
    public enum Kind {
        /** The bytes are not OTLP: 400. */
        NOT_OTLP,
        /** More bytes, records or depth than the settings allow: 413. */
        TOO_LARGE
    }

    private final Kind kind;

    Malformed(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    static Malformed notOtlp(String message) {
        return new Malformed(Kind.NOT_OTLP, message);
    }

    static Malformed tooLarge(String message) {
        return new Malformed(Kind.TOO_LARGE, message);
    }

    public Kind kind() {
        return kind;
    }
}
