package dev.pillion.central.ingest;

/** The request was not taken; the sender should come again. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final long retrySeconds;

    /**
     * @param status 429 or 503
     * @param retrySeconds when to come again
     */
    public Refusal(int status, long retrySeconds, String message) {
        super(message, null, false, false);
        this.status = status;
        this.retrySeconds = retrySeconds;
    }

    int status() {
        return status;
    }

    long retrySeconds() {
        return retrySeconds;
    }
}
