package dev.pillion.central.store;

/** A query was ended before it was done: its time was over, or it cannot be answered. */
public final class QueryStopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    public QueryStopped(String message) {
        super(message, null, false, false);
    }
}
