package dev.pillion.legacy.store;

/** The database cannot be reached, does not answer in time, or refuses the login. */
public final class StoreUnavailable extends RuntimeException {

    StoreUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
