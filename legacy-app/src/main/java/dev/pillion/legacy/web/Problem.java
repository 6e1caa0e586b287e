package dev.pillion.legacy.web;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import java.util.Map;

/**
 * An answer that is no success.
 *
 * @param error a word a program can compare
 * @param message a sentence a user can read
 * @param fields what is wrong, by field of the request; absent otherwise
 */
public record Problem(String error, String message, Map<String, String> fields) {

    /** When to try again after a 503: the page's own interval. */
    static final int RETRY_AFTER_SECONDS = 5;

    static Response answer(int status, String error, String message) {
        return answer(status, error, message, null);
    }

    static Response answer(int status, String error, String message, Map<String, String> fields) {
        var answer =
                Response.status(status)
                        .type(MediaType.APPLICATION_JSON_TYPE)
                        .entity(new Problem(error, message, fields));
        if (status == 503) {
            answer.header("Retry-After", RETRY_AFTER_SECONDS);
        }
        return answer.build();
    }

    static WebApplicationException exception(int status, String error, String message) {
        return new WebApplicationException(answer(status, error, message));
    }
}
