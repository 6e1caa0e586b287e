package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.Ambassador;
import dev.pillion.ambassador.routes.LiveRoutes;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.settings.Mistake;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

import java.nio.charset.StandardCharsets;

/**
 * {@code GET /routes}: all routes, what they did so far, and what is wrong with a configuration
 * that was refused.
 */
final class RoutesService implements HttpService {

    private final Ambassador ambassador;

    RoutesService(Ambassador ambassador) {
        this.ambassador = ambassador;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(
                "/",
                (request, response) -> {
                    response.headers().contentType(MediaTypes.APPLICATION_JSON);
                    response.send(routes().toString().getBytes(StandardCharsets.UTF_8));
                });
    }

    /** The state of this moment. */
    JsonObject routes() {
        LiveRoutes.State state = ambassador.routes().state();
        JsonArrayBuilder mistakes = Json.createArrayBuilder();
        for (Mistake mistake : state.mistakes()) {
            mistakes.add(
                    Json.createObjectBuilder()
                            .add("key", mistake.key())
                            .add("value", mistake.value())
                            .add("fix", mistake.fix()));
        }
        JsonArrayBuilder routes = Json.createArrayBuilder();
        for (Route route : state.table().routes()) {
            routes.add(route(ambassador, route));
        }
        return Json.createObjectBuilder()
                .add(
                        "configuration",
                        Json.createObjectBuilder()
                                .add("state", state.mistakes().isEmpty() ? "current" : "refused")
                                .add("generation", state.generation())
                                .add("loadedAt", state.loadedAt().toString())
                                .add("refusedTotal", state.refusedTotal())
                                .add("mistakes", mistakes))
                .add("routes", routes)
                .build();
    }

    private static JsonObjectBuilder route(Ambassador ambassador, Route route) {
        RouteStatistics counts = ambassador.statistics().of(route.name());
        long connected = counts.connectedTotal.sum();
        JsonObjectBuilder failures = Json.createObjectBuilder();
        counts.failures().forEach((kind, count) -> failures.add(kind, count.sum()));
        JsonObjectBuilder json =
                Json.createObjectBuilder()
                        .add("name", route.name())
                        .add("protocol", route.protocol().text())
                        .add(
                                "listen",
                                ambassador
                                        .listeners()
                                        .address(route.name())
                                        .map(
                                                bound ->
                                                        bound.getAddress().getHostAddress()
                                                                + ":"
                                                                + bound.getPort())
                                        .orElse(route.listen().toString()))
                        .add("upstream", route.upstream())
                        .add("tls", encrypted(route) ? route.tls().mode().text() : "disable")
                        .add("state", state(counts))
                        .add("sessionsOpen", counts.sessionsOpen.sum())
                        .add("sessionsTotal", counts.sessionsTotal.sum())
                        .add("connectedTotal", connected)
                        .add(
                                "loginMillisMean",
                                connected == 0 ? 0 : counts.loginMillis.sum() / connected)
                        .add("bytesUp", counts.bytesUp.sum())
                        .add("bytesDown", counts.bytesDown.sum())
                        .add("failures", failures);
        if (route instanceof Route.Postgres postgres && postgres.warm().sessions() > 0) {
            json.add(
                    "warm",
                    Json.createObjectBuilder()
                            .add("open", counts.warmOpen.sum())
                            .add("takenTotal", counts.warmTakenTotal.sum())
                            .add("discardedTotal", counts.warmDiscardedTotal.sum()));
        }
        counts.lastFailure()
                .ifPresent(
                        last ->
                                json.add(
                                        "lastFailure",
                                        Json.createObjectBuilder()
                                                .add("at", last.at().toString())
                                                .add("kind", last.kind())
                                                .add("message", last.message())));
        return json;
    }

    private static boolean encrypted(Route route) {
        return route instanceof Route.Http http
                ? "https".equals(http.base().getScheme())
                : route.tls().enabled();
    }

    private static String state(RouteStatistics counts) {
        return counts.lastAttemptFailed()
                ? "failing"
                : counts.connectedTotal.sum() == 0 ? "listening" : "serving";
    }
}
