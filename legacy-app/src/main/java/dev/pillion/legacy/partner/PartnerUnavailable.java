package dev.pillion.legacy.partner;

/** The partner cannot be reached, answers something else than 200, or not what was agreed. */
public final class PartnerUnavailable extends RuntimeException {

    PartnerUnavailable(String message) {
        super(message);
    }

    PartnerUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
