package dev.pillion.ambassador.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.helidon.metrics.api.Gauge;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;

class MetricsServiceTest {

    private static final AtomicInteger REGISTRATIONS = new AtomicInteger();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static WebServer server;

    @BeforeAll
    static void start() {
        server =
                WebServer.builder()
                        .port(0)
                        .routing(
                                routing ->
                                        routing.register(
                                                "/metrics",
                                                new MetricsService(
                                                        meters -> {
                                                            REGISTRATIONS.incrementAndGet();
                                                            meters.getOrCreate(
                                                                    Gauge.builder(
                                                                            "test.answer",
                                                                            () -> 42));
                                                        })))
                        .build()
                        .start();
    }

    @AfterAll
    static void stop() {
        server.stop();
        CLIENT.close();
    }

    @Test
    void answersInTheFormatThatIsAskedForAndRegistersOnce() throws Exception {
        HttpResponse<String> prometheus = scrape("text/plain");
        assertEquals(200, prometheus.statusCode());
        assertTrue(
                prometheus
                        .headers()
                        .firstValue("Content-Type")
                        .orElse("")
                        .startsWith("text/plain"));
        assertEquals(1, answers(prometheus), prometheus.body());

        HttpResponse<String> open = scrape("application/openmetrics-text;version=1.0.0");
        assertEquals(200, open.statusCode());
        assertTrue(open.body().endsWith("# EOF\n"), open.body());
        assertEquals(1, answers(open), open.body());

        assertEquals(1, answers(scrape("*/*")));
        assertEquals(1, REGISTRATIONS.get());
    }

    @Test
    void refusesAFormatThatIsNotThere() throws Exception {
        assertEquals(406, scrape("application/json").statusCode());
    }

    private static long answers(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("test_answer") && line.endsWith(" 42.0"))
                .count();
    }

    private static HttpResponse<String> scrape(String accept) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/metrics"))
                        .header("Accept", accept)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
