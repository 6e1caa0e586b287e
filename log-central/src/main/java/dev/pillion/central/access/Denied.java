package dev.pillion.central.access;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

/**
 * The request is refused.
 *
 * @param status 401, 403 or 429
 * @param challenge the header {@code WWW-Authenticate}; empty if there is none
 * @param retrySeconds the header {@code Retry-After}; 0 if there is none
 * @param message for a person: what is missing, and what to do
 */
public record Denied(int status, String challenge, long retrySeconds, String message)
        implements Decision {

    /** Sets the headers that go with it. */
    public void headers(ServerResponse response) {
        if (!challenge.isEmpty()) {
            response.header(HeaderNames.WWW_AUTHENTICATE, challenge);
        }
        if (retrySeconds > 0) {
            response.header(HeaderNames.RETRY_AFTER, Long.toString(retrySeconds));
        }
    }
}
