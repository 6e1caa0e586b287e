package dev.pillion.central.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.access.Access;
import dev.pillion.central.access.AccessSettings;
import dev.pillion.central.connect.Connections;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** What bounds senders, over HTTP, with a store that is slow or refuses. */
class IngestServiceTest {

    private static final String RECORD = "{\"body\":{\"stringValue\":\"x\"}}";

    @TempDir Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private Optional<WebServer> server = Optional.empty();

    private WebServer start(IngestService.Intake intake, long clientBytes, IngestLimits limits) {
        Access access =
                new Access(
                        new AccessSettings(
                                directory,
                                false,
                                Duration.ofHours(1),
                                true,
                                "",
                                clientBytes,
                                100,
                                Optional.empty()),
                        "127.0.0.1",
                        Clock.systemUTC());
        IngestSettings settings =
                new IngestSettings(
                        limits, 1 << 20, Duration.ofSeconds(20), 1, Duration.ofMillis(100));
        WebServer started =
                WebServer.builder()
                        .host("127.0.0.1")
                        .routing(
                                routing ->
                                        routing.register(
                                                "/v1/logs",
                                                new IngestService(
                                                        intake,
                                                        access,
                                                        new Connections(Duration.ofSeconds(10)),
                                                        settings)))
                        .build()
                        .start();
        server = Optional.of(started);
        return started;
    }

    private static IngestLimits limits(int records, int depth) {
        return new IngestLimits(1 << 20, 1 << 20, records, depth);
    }

    @AfterEach
    void stop() {
        server.ifPresent(WebServer::stop);
    }

    private static String of(String... records) {
        return "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":["
                + String.join(",", records)
                + "]}]}]}";
    }

    private static HttpRequest request(WebServer where, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + where.port() + "/v1/logs"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(WebServer where, String body) throws Exception {
        return http.send(request(where, body), HttpResponse.BodyHandlers.ofString());
    }

    private static void refused(
            int status, String retryAfter, int code, String why, HttpResponse<String> answer) {
        assertEquals("{\"code\":" + code + ",\"message\":\"" + why + "\"}", answer.body());
        assertEquals(status, answer.statusCode());
        assertEquals(retryAfter, answer.headers().firstValue("Retry-After").orElse(""));
    }

    @Test
    void tellsToComeAgainWhileAllTurnsAreTaken() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch safe = new CountDownLatch(1);
        WebServer where =
                start(
                        (batch, sent, encoding, format, hash, patience) -> {
                            taken.countDown();
                            safe.await();
                        },
                        1 << 20,
                        limits(10, 32));
        CompletableFuture<HttpResponse<String>> first =
                http.sendAsync(request(where, of(RECORD)), HttpResponse.BodyHandlers.ofString());
        taken.await();
        refused(
                429,
                "1",
                8,
                "too many requests at once (central.ingest.concurrent)",
                post(where, of(RECORD)));
        safe.countDown();
        assertEquals(200, first.get().statusCode());
        assertEquals(200, post(where, of(RECORD)).statusCode());
    }

    @Test
    void slowsDownAClientThatSendsTooMuch() throws Exception {
        WebServer where =
                start((batch, sent, encoding, format, hash, patience) -> {}, 1024, limits(10, 32));
        // Two seconds' worth may come at once, and the last of it be larger.
        assertEquals(200, post(where, of(RECORD) + " ".repeat(8000)).statusCode());
        HttpResponse<String> next = post(where, of(RECORD));
        String wait = next.headers().firstValue("Retry-After").orElse("");
        assertTrue(wait.matches("[1-6]"), wait);
        refused(429, wait, 8, "more than 1024 bytes a second (central.access.client-bytes)", next);
    }

    @Test
    void saysWhyTheStoreDoesNotTakeIt() throws Exception {
        WebServer where =
                start(
                        (batch, sent, encoding, format, hash, patience) -> {
                            throw new Refusal(503, 7, "no room");
                        },
                        1 << 20,
                        limits(10, 32));
        refused(503, "7", 14, "no room", post(where, of(RECORD)));
    }

    @Test
    void namesTheLimitThatARequestIsOver() throws Exception {
        WebServer where =
                start(
                        (batch, sent, encoding, format, hash, patience) -> {},
                        1 << 20,
                        limits(2, 32));
        refused(
                413,
                "",
                8,
                "more than 2 records in one request (central.ingest.records)",
                post(where, of(RECORD, RECORD, RECORD)));
        refused(
                413,
                "",
                8,
                "more than 1048576 bytes (central.ingest.request-bytes)",
                post(where, of(RECORD) + " ".repeat(1 << 20)));
    }
}
