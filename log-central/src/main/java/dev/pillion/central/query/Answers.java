package dev.pillion.central.query;

import dev.pillion.central.ingest.Json;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;

import java.nio.charset.StandardCharsets;

/** How answers of the reading API are sent. */
public final class Answers {

    private Answers() {}

    /** An error: {@code {"error":"…","column":12}}. */
    public static void problem(ServerResponse response, int status, String message, int column) {
        response.status(Status.create(status));
        String json = "{\"error\":" + Json.quoted(message);
        if (column > 0) {
            json += ",\"column\":" + column;
        }
        json(response, json + "}");
    }

    public static void json(ServerResponse response, String json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(json.getBytes(StandardCharsets.UTF_8));
    }
}
