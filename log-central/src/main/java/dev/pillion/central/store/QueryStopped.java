package dev.pillion.central.store;

/** A query was ended before it was done. */
public final class QueryStopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Kind {
        /** It took longer than it may. */
        TIME_OVER,
        /** It cannot be answered at all. */
        NOT_ANSWERABLE,
        /** Whoever asked has gone. */
        NOBODY_WAITS
    }

    private final Kind kind;

    QueryStopped(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
