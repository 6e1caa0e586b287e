package dev.pillion.central.access;

import dev.pillion.central.connect.Opening;
import dev.pillion.central.ingest.Json;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code /api/session}: how a browser shows its token once and is known by a cookie from then on,
 * because links and event streams cannot send a header. The token comes in a header, which another
 * site's page cannot send; scripts cannot read the cookie, and other sites' requests do not carry
 * it.
 */
public final class SessionService implements HttpService {

    private final Access access;

    public SessionService(Access access) {
        this.access = access;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", this::show).post("/", this::begin).delete("/", this::end);
    }

    private void show(ServerRequest request, ServerResponse response) {
        switch (access.reading(Opening.of(request))) {
            case Denied denied -> {
                boolean mayLogIn = denied.status() == Status.UNAUTHORIZED_401.code();
                refuse(
                        response,
                        denied,
                        mayLogIn && access.settings().signOn().isPresent()
                                ? ",\"signOn\":\"api/sign-on\""
                                : "");
            }
            case Grant grant ->
                    send(
                            response,
                            "{\"required\":"
                                    + access.loginRequired()
                                    + ",\"token\":"
                                    + Json.quoted(grant.name())
                                    + ",\"user\":"
                                    + Json.quoted(grant.user())
                                    + ",\"namespaces\":["
                                    + grant.namespaces().stream()
                                            .sorted()
                                            .map(Json::quoted)
                                            .collect(Collectors.joining(","))
                                    + "]}");
        }
    }

    private void begin(ServerRequest request, ServerResponse response) {
        if (access.reading(Opening.of(request)) instanceof Denied denied) {
            refuse(response, denied);
            return;
        }
        Optional<String> value = access.login(Opening.of(request));
        value.ifPresent(
                cookie ->
                        response.headers()
                                .addCookie(
                                        Session.cookie(cookie, isSecure(request))
                                                .maxAge(access.settings().session())
                                                .build()));
        response.status(Status.NO_CONTENT_204);
        response.send();
    }

    private void end(ServerRequest request, ServerResponse response) {
        response.headers()
                .addCookie(Session.cookie("", isSecure(request)).expires(Instant.EPOCH).build());
        response.status(Status.NO_CONTENT_204);
        response.send();
    }

    private static boolean isSecure(ServerRequest request) {
        return request.isSecure()
                || request.headers()
                        .first(HeaderNames.X_FORWARDED_PROTO)
                        .filter("https"::equalsIgnoreCase)
                        .isPresent();
    }

    /** Refuses a read as the reading API does: {@code {"error":"…"}}. */
    public static void refuse(ServerResponse response, Denied denied) {
        refuse(response, denied, "");
    }

    private static void refuse(ServerResponse response, Denied denied, String more) {
        denied.headers(response);
        response.status(Status.create(denied.status()));
        send(response, "{\"error\":" + Json.quoted(denied.message()) + more + "}");
    }

    private static void send(ServerResponse response, String json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(json.getBytes(StandardCharsets.UTF_8));
    }
}
