package dev.pillion.ambassador.admin;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The page, its style and its script, and what describes {@code /routes}, from the jar. */
final class PageService implements HttpService {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
                    + " img-src 'self' data:; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", (request, response) -> send(response, "page.html", "text/html"));
        rules.get("/page.css", (request, response) -> send(response, "page.css", "text/css"));
        rules.get("/page.js", (request, response) -> send(response, "page.js", "text/javascript"));
        // Written by hand, as one resource needs no generator.
        rules.get(
                "/openapi",
                (request, response) ->
                        send(response, "openapi.yaml", "application/vnd.oai.openapi"));
    }

    private static void send(ServerResponse response, String name, String type) {
        try (InputStream in = PageService.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the jar");
            }
            response.header(HeaderNames.CONTENT_TYPE, type + "; charset=utf-8");
            response.header("Content-Security-Policy", POLICY);
            response.header("X-Content-Type-Options", "nosniff");
            response.header("Referrer-Policy", "no-referrer");
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
            response.send(in.readAllBytes());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
