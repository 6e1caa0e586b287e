package dev.pillion.central.access;

/** Somebody could not sign on: the status of the answer, and what a person should know of it. */
final class SignOnFailed extends Exception {

    private static final long serialVersionUID = 1;

    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int BAD_GATEWAY = 502;

    private final int status;

    private SignOnFailed(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The provider does not answer, or not as the specification says. */
    static SignOnFailed provider(String message) {
        return new SignOnFailed(BAD_GATEWAY, message);
    }

    /** Who comes back is not who was sent there. */
    static SignOnFailed stranger(String message) {
        return new SignOnFailed(BAD_REQUEST, message);
    }

    /** The person, or the proof of who it is, is not accepted. */
    static SignOnFailed refused(String message) {
        return new SignOnFailed(FORBIDDEN, message);
    }

    int status() {
        return status;
    }
}
