package dev.pillion.central.view;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The viewer's files and what describes the endpoints, from the jar. They may load nothing from
 * elsewhere and run nothing inline, so that a log record cannot become a script even if the page
 * had a fault.
 */
public final class ViewService implements HttpService {

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Map<String, String> FILES =
            Map.of(
                    "/", "/view/index.html",
                    "/viewer.css", "/view/viewer.css",
                    "/viewer.js", "/view/viewer.js",
                    "/record.js", "/view/record.js",
                    "/session.js", "/view/session.js",
                    "/icon.svg", "/view/icon.svg",
                    "/openapi", "/META-INF/openapi.yaml");

    @Override
    public void routing(HttpRules rules) {
        FILES.forEach((path, file) -> rules.get(path, (request, response) -> send(response, file)));
        rules.get("/favicon.ico", ViewService::icon);
    }

    private static void icon(ServerRequest request, ServerResponse response) {
        response.status(Status.create(302));
        response.header(HeaderNames.LOCATION, "/icon.svg");
        response.send();
    }

    private static void send(ServerResponse response, String file) {
        response.header("Content-Security-Policy", POLICY);
        response.header("X-Content-Type-Options", "nosniff");
        response.header("Referrer-Policy", "no-referrer");
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        response.header(HeaderNames.CONTENT_TYPE, type(file));
        try (InputStream in = ViewService.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the jar");
            }
            response.send(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String file) {
        if (file.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        if (file.endsWith(".css")) {
            return "text/css; charset=utf-8";
        }
        if (file.endsWith(".yaml")) {
            return "application/vnd.oai.openapi; charset=utf-8";
        }
        return file.endsWith(".svg") ? "image/svg+xml" : "text/javascript; charset=utf-8";
    }
}
