package dev.pillion.adapter.ship;

/** How a request ended. */
public sealed interface Delivery {

    /**
     * 200: durable at the far end.
     *
     * @param rejected records it refused and will never take
     * @param message why
     */
    record Accepted(long rejected, String message) implements Delivery {}

    /**
     * Try again, the same.
     *
     * @param reason for people
     * @param afterMillis what Retry-After asked for, or -1
     */
    record Retry(String reason, long afterMillis) implements Delivery {}

    /** It is not taken as it is; half of it, or all but one record, may be. */
    sealed interface Refusal extends Delivery {

        /** For people. */
        String reason();
    }

    /** 400: something in it is not understood. */
    record Refused(String reason) implements Refusal {}

    /** 413: too large. */
    record TooLarge(String reason) implements Refusal {}
}
