package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.Waiting;
import dev.pillion.launcher.pods.RunningPod;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/** The flows of the suite through its containers, as the rendered local overlay makes them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PodsIT {

    /** Files of the application in which every line is a record. */
    private static final List<String> ONE_RECORD_A_LINE = List.of("access.log", "events.json.log");

    private static final Pattern POSITION = Pattern.compile("\"log.file.position\":\"?(\\d+)");

    /** So many that a kill falls among their lines. */
    private static final int ORDERS = 20;

    @RegisterExtension static final TestedPods pods = TestedPods.of("overlays/local");

    @Test
    @Order(1)
    void anOrderGoesThroughTheAmbassadorToTheDatabaseOutside() throws Exception {
        String customer = customer();
        placeOrder(customer);
        assertTrue(orders().contains(customer), "the application reads it back");
        // The application has localhost compiled in, so the session was the ambassador's.
        assertTrue(
                pods.get("legacy-app", 8091, "/routes").contains("orders-db:5432"),
                "the ambassador's page names the upstream");
    }

    @Test
    @Order(2)
    void whatTheApplicationLoggedIsFoundInLogCentral() throws Exception {
        String customer = customer();
        placeOrder(customer);
        Waiting.until("log-central finds " + customer, () -> found(customer) > 0);
    }

    @Test
    @Order(3)
    void thePartnersRatesComeThroughTheAmbassador() throws Exception {
        Waiting.until("rates", () -> pods.get("legacy-app", 8080, "/api/rates").contains("USD"));
    }

    @Test
    @Order(4)
    void theSidecarServesTheRawFileThatTheApplicationWrites() throws Exception {
        byte[] written = pods.file("legacy-app", "logs", "orders.log");
        String served = pods.get("legacy-app", 8093, "/orders.log");
        assertTrue(served.startsWith(new String(written, StandardCharsets.UTF_8)));
    }

    @Test
    @Order(5)
    void aChangedConfigMapMovesTheDatabaseWithoutARestart() throws Exception {
        String before = customer();
        placeOrder(before);
        pods.edit("ambassador-routes", "route.orders-db.upstream", "orders-db-green:5432");
        // Sessions of the application's pool live out on their old route.
        Waiting.until("the empty second database", () -> !orders().contains(before));
        String after = customer();
        placeOrder(after);
        Waiting.until("the order in the second database", () -> orders().contains(after));
        assertEquals(0, pods.pod("legacy-app").restarts("ambassador"));
        assertEquals(0, pods.pod("legacy-app").restarts("legacy-app"));
    }

    @Test
    @Order(6)
    void aKilledAmbassadorComesBackAndTheFlowGoesOn() throws Exception {
        RunningPod app = pods.pod("legacy-app");
        app.kill("ambassador");
        Waiting.until("the ambassador is started again", () -> app.restarts("ambassador") > 0);
        Waiting.until("the ambassador is ready again", () -> app.ready("ambassador"));
        String customer = customer();
        Waiting.until("an order", () -> order(customer).statusCode() == 201);
    }

    /** What the application wrote, byte offset by byte offset, is what log-central holds. */
    @Test
    @Order(7)
    void noLineIsLostOrDoubledWhenTheLogHelpersAreKilled() throws Exception {
        for (String[] killed :
                new String[][] {
                    {"legacy-app", "log-adapter"},
                    {"log-central", "log-central"},
                    {"legacy-app", "log-adapter"}
                }) {
            orderSome();
            RunningPod pod = pods.pod(killed[0]);
            int before = pod.restarts(killed[1]);
            pod.kill(killed[1]);
            orderSome();
            Waiting.until(killed[1] + " is started again", () -> pod.restarts(killed[1]) > before);
            Waiting.until(killed[1] + " is ready again", () -> pod.ready(killed[1]));
        }
        orderSome();
        assertEveryLineOnce();
    }

    /** The last lines are written while the pod is being stopped: the adapter outlives it. */
    @Test
    @Order(8)
    void whatTheApplicationWritesWhenItIsStoppedArrives() throws Exception {
        orderSome();
        pods.pod("legacy-app").stop();
        assertEveryLineOnce();
    }

    /** Placed or refused (the shelf is soon empty), each is logged to every file. */
    private static void orderSome() throws Exception {
        for (int i = 0; i < ORDERS; i++) {
            order(customer());
        }
    }

    private static void assertEveryLineOnce() throws Exception {
        for (String file : ONE_RECORD_A_LINE) {
            int written = lineStarts(pods.file("legacy-app", "logs", file)).size();
            Waiting.until("as many records of " + file, () -> positions(file).size() >= written);
            List<Long> kept = positions(file);
            // the application logs its probes too: lines may have come since, never more than these
            List<Long> lines = lineStarts(pods.file("legacy-app", "logs", file));
            assertEquals(lines.subList(0, Math.min(kept.size(), lines.size())), kept, file);
        }
    }

    private static List<Long> lineStarts(byte[] content) {
        List<Long> starts = new ArrayList<>();
        long next = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n') {
                starts.add(next);
                next = i + 1L;
            }
        }
        return starts;
    }

    private static List<Long> positions(String file) throws Exception {
        String query = URLEncoder.encode("log.file.path:*" + file, StandardCharsets.UTF_8);
        HttpResponse<String> answer =
                pods.send(
                        HttpRequest.newBuilder(
                                        pods.address(
                                                "log-central", 8094, "/api/logs?query=" + query))
                                .header("Accept", "application/x-ndjson"));
        assertEquals(200, answer.statusCode(), answer.body());
        return POSITION.matcher(answer.body())
                .results()
                .map(match -> Long.valueOf(match.group(1)))
                .sorted()
                .toList();
    }

    private static String customer() {
        return "pod-" + UUID.randomUUID();
    }

    private static void placeOrder(String customer) throws Exception {
        HttpResponse<String> answer = order(customer);
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static HttpResponse<String> order(String customer) throws Exception {
        return pods.send(
                HttpRequest.newBuilder(pods.address("legacy-app", 8080, "/api/orders"))
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        """
                                        {"customer":"%s","sku":"TEA-ASSAM","quantity":1}"""
                                                .formatted(customer))));
    }

    private static String orders() throws Exception {
        return pods.get("legacy-app", 8080, "/api/orders");
    }

    private static int found(String text) throws Exception {
        String query = URLEncoder.encode("\"" + text + "\"", StandardCharsets.UTF_8);
        String answer = pods.get("log-central", 8094, "/api/logs?limit=10&query=" + query);
        return answer.split(text, -1).length - 1;
    }
}
