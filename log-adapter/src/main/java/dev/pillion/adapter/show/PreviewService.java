package dev.pillion.adapter.show;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.tail.TailedFile;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The preview page and what it shows. */
public final class PreviewService implements HttpService {

    private static final int USUAL_LIMIT = 100;
    private static final int MOST = 500;

    private static final Map<String, String> TYPES =
            Map.of(
                    "preview.html", "text/html;charset=utf-8",
                    "export.html", "text/html;charset=utf-8",
                    "export.css", "text/css;charset=utf-8",
                    "export.mjs", "text/javascript;charset=utf-8",
                    "preview.css", "text/css;charset=utf-8",
                    "preview.mjs", "text/javascript;charset=utf-8",
                    "openapi.yaml", "application/vnd.oai.openapi;charset=utf-8");

    private final Adapter adapter;

    public PreviewService(Adapter adapter) {
        this.adapter = adapter;
    }

    @Override
    public void routing(HttpRules rules) {
        file(rules, "/", adapter.settings().exporting() ? "export.html" : "preview.html");
        for (String name :
                new String[] {"preview.css", "preview.mjs", "export.css", "export.mjs"}) {
            file(rules, "/" + name, name);
        }
        file(rules, "/openapi", "openapi.yaml");
        rules.get("/api/preview", this::preview);
    }

    private static void file(HttpRules rules, String path, String name) {
        rules.get(path, (request, response) -> send(response, name));
    }

    private static void send(ServerResponse response, String name) throws IOException {
        try (InputStream in = PreviewService.class.getResourceAsStream("/web/" + name)) {
            if (in == null) {
                throw new IllegalStateException("/web/" + name + " is not in the jar");
            }
            response.header(HeaderNames.CONTENT_TYPE, TYPES.get(name));
            response.header(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                            + " 'self'; img-src 'self' data:; base-uri 'none';"
                            + " form-action 'none'; frame-ancestors 'none'");
            response.header("X-Content-Type-Options", "nosniff");
            response.header("Referrer-Policy", "no-referrer");
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
            response.send(in.readAllBytes());
        }
    }

    /**
     * The last records of a file, raw and parsed, secrets masked: {@code path} of a file that
     * {@code /files} lists, {@code limit} the most records, up to 500.
     */
    private void preview(ServerRequest request, ServerResponse response) throws IOException {
        String path = request.query().first("path").orElse("");
        Optional<TailedFile> file =
                adapter.tailer().files().stream()
                        .filter(f -> f.path().toString().equals(path))
                        .findFirst();
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        if (file.isEmpty()) {
            response.status(Status.NOT_FOUND_404);
            response.send("{\"error\":\"no such file is read; see /files\"}");
            return;
        }
        response.send(json(file.get(), limit(request)).getBytes(StandardCharsets.UTF_8));
    }

    /** One at a time: each holds a file open. */
    private synchronized String json(TailedFile file, int limit) throws IOException {
        return new Preview(adapter.settings(), adapter.redactor()).json(file, limit);
    }

    private static int limit(ServerRequest request) {
        try {
            int limit = request.query().first("limit").map(Integer::parseInt).orElse(USUAL_LIMIT);
            return Math.clamp(limit, 1, MOST);
        } catch (NumberFormatException notANumber) {
            return USUAL_LIMIT;
        }
    }
}
