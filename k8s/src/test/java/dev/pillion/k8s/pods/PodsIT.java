package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.k8s.manifests.Manifests;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The flows of the suite through its containers, as the rendered local overlay makes them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PodsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static RunningPods pods;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        if (Podman.missing().isPresent()) {
            return;
        }
        List<HasMetadata> objects = Manifests.built("overlays/local");
        buildImages();
        Map<String, PodTemplateSpec> workloads = new LinkedHashMap<>();
        for (HasMetadata object : objects) {
            Manifests.podOf(object)
                    .ifPresent(pod -> workloads.put(object.getMetadata().getName(), pod));
        }
        Path folder = Files.createTempDirectory("pillion-pods");
        pods = new RunningPods(new Podman(Manifests.FOLDER), objects, workloads, folder);
        pods.start();
    }

    @BeforeEach
    void requirePodman() throws IOException {
        Optional<String> missing = Podman.missing();
        assumeTrue(missing.isEmpty(), () -> missing.get());
    }

    @AfterAll
    static void stop() throws IOException {
        if (pods != null) {
            pods.close();
        }
    }

    private static void buildImages() throws IOException, InterruptedException {
        Path log = Manifests.FOLDER.resolve("target/build-images.log");
        Process build =
                new ProcessBuilder(Manifests.FOLDER.resolve("build-images").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended = build.waitFor(8, TimeUnit.MINUTES);
        if (!ended || build.exitValue() != 0) {
            build.destroyForcibly();
            throw new IOException("k8s/build-images failed:\n" + Files.readString(log));
        }
    }

    @Test
    @Order(1)
    void anOrderGoesThroughTheAmbassadorToTheDatabaseOutside() throws Exception {
        String customer = customer();
        placeOrder(customer);
        assertTrue(orders().contains(customer), "the application reads it back");
        // The application has localhost compiled in, so the session was the ambassador's.
        assertTrue(
                get("legacy-app", 8091, "/routes").contains("orders-db:5432"),
                "the ambassador's page names the upstream");
    }

    @Test
    @Order(2)
    void whatTheApplicationLoggedIsFoundInLogCentral() throws Exception {
        String customer = customer();
        placeOrder(customer);
        await("log-central finds " + customer, () -> found(customer) > 0);
    }

    @Test
    @Order(3)
    void thePartnersRatesComeThroughTheAmbassador() throws Exception {
        await("rates", () -> get("legacy-app", 8080, "/api/rates").contains("USD"));
    }

    @Test
    @Order(4)
    void aChangedConfigMapMovesTheDatabaseWithoutARestart() throws Exception {
        String before = customer();
        placeOrder(before);
        pods.edit("ambassador-routes", "route.orders-db.upstream", "orders-db-green:5432");
        // Sessions of the application's pool live out on their old route.
        await("the empty second database", () -> !orders().contains(before));
        String after = customer();
        placeOrder(after);
        await("the order in the second database", () -> orders().contains(after));
        assertEquals(0, pods.restarts("legacy-app", "ambassador"));
        assertEquals(0, pods.restarts("legacy-app", "legacy-app"));
        pods.edit("ambassador-routes", "route.orders-db.upstream", "orders-db:5432");
        await("back in the first database", () -> orders().contains(before));
    }

    @Test
    @Order(5)
    void aKilledHelperComesBackAndTheFlowGoesOn() throws Exception {
        pods.kill("legacy-app", "ambassador");
        await("the ambassador is ready again", () -> pods.ready("legacy-app", "ambassador"));
        String customer = customer();
        await("an order", () -> tryToOrder(customer));

        pods.kill("legacy-app", "log-adapter");
        await("the adapter is ready again", () -> pods.ready("legacy-app", "log-adapter"));
        String later = customer();
        placeOrder(later);
        await("log-central finds " + later, () -> found(later) > 0);
        assertTrue(pods.restarts("legacy-app", "log-adapter") > 0);
    }

    @Test
    @Order(6)
    void logCentralKeepsWhatItTookWhenItIsKilled() throws Exception {
        String customer = customer();
        placeOrder(customer);
        await("log-central finds " + customer, () -> found(customer) > 0);
        pods.kill("log-central", "log-central");
        await("log-central is ready again", () -> pods.ready("log-central", "log-central"));
        await("log-central finds it again", () -> found(customer) > 0);
    }

    private static String customer() {
        return "pod-" + UUID.randomUUID();
    }

    private static void placeOrder(String customer) throws Exception {
        HttpResponse<String> answer = order(customer);
        assertEquals(201, answer.statusCode(), answer.body());
    }

    private static boolean tryToOrder(String customer) throws Exception {
        return order(customer).statusCode() == 201;
    }

    private static HttpResponse<String> order(String customer) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(address("legacy-app", 8080, "/api/orders"))
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        """
                                        {"customer":"%s","sku":"TEA-ASSAM","quantity":1}"""
                                                .formatted(customer)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String orders() throws Exception {
        return get("legacy-app", 8080, "/api/orders");
    }

    private static int found(String text) throws Exception {
        String query = URLEncoder.encode("\"" + text + "\"", StandardCharsets.UTF_8);
        String answer = get("log-central", 8094, "/api/logs?limit=10&query=" + query);
        return answer.split(text, -1).length - 1;
    }

    private static String get(String pod, int port, String path) throws Exception {
        return CLIENT.send(
                        HttpRequest.newBuilder(address(pod, port, path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static URI address(String pod, int port, String path) {
        return URI.create("http://" + pods.address(pod) + ":" + port + path);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!holds(condition)) {
            assertTrue(Instant.now().isBefore(deadline), "not within " + PATIENCE + ": " + what);
            Thread.sleep(200);
        }
    }

    private static boolean holds(Condition condition) throws Exception {
        try {
            return condition.holds();
        } catch (IOException notYet) {
            return false;
        }
    }
}
