import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a service inside its image while that is built, uses it as a pod would, and ends it, upon
 * which the JVM writes the AOT cache. An answer that is not the expected one fails the build: a
 * broken service would leave a cache as well.
 *
 * <p>Argument: the module's name. Runs with the options of {@code /app/options}, which the image's
 * entry point uses too. The far ends that a service needs are played by this program on localhost.
 */
public final class Training {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 20;
    private static final Path WORK = Path.of("/tmp/training");

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final AtomicInteger FAR_END_REQUESTS = new AtomicInteger();

    public static void main(String[] arguments) throws Exception {
        String module = arguments[0];
        int farEnd = startFarEnd();
        switch (module) {
            case "legacy-app" -> {
                Run run = start(module, 8080, Map.of("app.log-directory", folder("logs")));
                run.expect("/", 200);
                run.end();
            }
            case "ambassador-proxy" -> trainAmbassador(module, farEnd);
            case "log-adapter" -> trainAdapter(module, farEnd);
            case "log-central" -> trainCentral(module);
            default -> throw new IllegalArgumentException("no module " + module);
        }
    }

    private static void trainAmbassador(String module, int farEnd) throws Exception {
        String routes = folder("routes");
        put(routes, "route.web.protocol", "http");
        put(routes, "route.web.listen", "127.0.0.1:8181");
        put(routes, "route.web.upstream", "http://127.0.0.1:" + farEnd);
        put(routes, "route.web.tls", "disable");
        put(routes, "route.wire.protocol", "tcp");
        put(routes, "route.wire.listen", "127.0.0.1:8182");
        put(routes, "route.wire.upstream", "127.0.0.1:" + farEnd);
        put(routes, "route.wire.tls", "disable");
        put(routes, "route.db.protocol", "postgres");
        put(routes, "route.db.listen", "127.0.0.1:8183");
        put(routes, "route.db.upstream", "127.0.0.1:1");
        put(routes, "route.db.tls", "disable");
        put(routes, "route.db.user", "nobody");
        put(routes, "route.db.password", "nothing");
        put(routes, "route.db.login-deadline", "1s");
        Run run =
                start(
                        module,
                        8091,
                        Map.of(
                                "ambassador.routes-directory",
                                routes,
                                "ambassador.secrets-directory",
                                folder("secrets")));
        for (int round = 0; round < ROUNDS; round++) {
            expect("http://127.0.0.1:8181/x", 200);
            expect("http://127.0.0.1:8182/x", 200);
        }
        // A PostgreSQL client that is told that its server is away.
        try (Socket client = new Socket("127.0.0.1", 8183)) {
            byte[] startup =
                    "\0\0\0\27\0\3\0\0user\0legacy\0\0".getBytes(StandardCharsets.ISO_8859_1);
            startup[3] = (byte) startup.length;
            client.setSoTimeout((int) PATIENCE.toMillis());
            client.getOutputStream().write(startup);
            check(client.getInputStream().read() == 'E', "the login's answer is an error");
        }
        run.end();
    }

    private static void trainAdapter(String module, int farEnd) throws Exception {
        String logs = folder("logs");
        Run run =
                start(
                        module,
                        8092,
                        Map.of(
                                "adapter.include",
                                logs + "/*",
                                "adapter.endpoint",
                                "http://127.0.0.1:" + farEnd,
                                "adapter.state-directory",
                                folder("state")));
        int before = FAR_END_REQUESTS.get();
        for (int round = 0; round < ROUNDS; round++) {
            append(
                    logs + "/app.log",
                    "2026-11-22 10:15:30,123 ERROR [main] dev.pillion.Desk - order 4711 refused\njava.lang.IllegalStateException: no stock\n\tat dev.pillion.Desk.take(Desk.java:42)\n");
            append(
                    logs + "/json.log",
                    "{\"timestamp\":\"2026-11-22T10:15:30.123Z\",\"level\":\"INFO\",\"message\":\"served\",\"thread\":\"t1\"}\n");
            append(
                    logs + "/logfmt.log",
                    "time=2026-11-22T10:15:30Z level=warn msg=\"slow\" took=250ms\n");
            append(
                    logs + "/access.log",
                    "127.0.0.1 - - [22/Nov/2026:10:15:30 +0000] \"GET /orders HTTP/1.1\" 200 512 \"-\" \"curl/8\"\n");
            append(
                    logs + "/server.log",
                    "Nov 22, 2026 10:15:30 AM dev.pillion.Desk take\nWARNING: stock is low\n");
            append(logs + "/date.log", "Sun Nov 22 10:15:30 UTC 2026\n");
            Thread.sleep(100);
        }
        await(() -> FAR_END_REQUESTS.get() > before, "the adapter ships to /v1/logs");
        run.end();
    }

    private static void trainCentral(String module) throws Exception {
        Run run = start(module, 8094, Map.of("central.data-directory", folder("data")));
        for (int round = 0; round < ROUNDS; round++) {
            long now = System.currentTimeMillis();
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:8094/v1/logs"))
                            .header("Content-Type", "application/json")
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            """
                                            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"training"}}]},\
                                            "scopeLogs":[{"scope":{"name":"t"},"logRecords":[{"timeUnixNano":"%d000000","severityNumber":9,\
                                            "severityText":"INFO","body":{"stringValue":"training record %d"}}]}]}]}"""
                                                    .formatted(now, round)))
                            .build();
            HttpResponse<String> answer =
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            check(answer.statusCode() == 200, "POST /v1/logs answers 200, not " + answer);
            run.expect("/api/logs?query=training&limit=10", 200);
        }
        run.expect("/", 200);
        run.end();
    }

    /** Answers everything with 200, as a web site and as an OTLP receiver. */
    private static int startFarEnd() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 16);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().readAllBytes();
                        boolean otlp = exchange.getRequestURI().getPath().equals("/v1/logs");
                        if (otlp) {
                            FAR_END_REQUESTS.incrementAndGet();
                            exchange.getResponseHeaders()
                                    .set("Content-Type", "application/x-protobuf");
                            exchange.sendResponseHeaders(200, -1);
                        } else {
                            exchange.sendResponseHeaders(200, 3);
                            exchange.getResponseBody()
                                    .write("ok\n".getBytes(StandardCharsets.US_ASCII));
                        }
                    }
                });
        Thread.ofPlatform().daemon().start(server::start).setName("far end");
        return server.getAddress().getPort();
    }

    private static Run start(String module, int port, Map<String, String> settings)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("java", "@/app/options"));
        command.add("-XX:AOTCacheOutput=/app/app.aot");
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", "/app/" + module + ".jar"));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("JDK_AOT_VM_OPTIONS", "-Xmx1g");
        Run run = new Run(builder.start(), "http://127.0.0.1:" + port);
        await(
                () -> {
                    check(run.process.isAlive(), "the service starts");
                    return status(run.base + "/health/ready") == 200;
                },
                "/health/ready answers 200");
        for (int round = 0; round < ROUNDS; round++) {
            for (String path :
                    List.of("/health/started", "/health/live", "/health/ready", "/metrics")) {
                run.expect(path, 200);
            }
        }
        return run;
    }

    private record Run(Process process, String base) {

        void expect(String path, int status) throws Exception {
            Training.expect(base + path, status);
        }

        /** As kubelet ends it. */
        void end() throws Exception {
            process.destroy();
            check(process.waitFor(PATIENCE.toSeconds() * 3, TimeUnit.SECONDS), "the service ends");
            Path cache = Path.of("/app/app.aot");
            check(
                    Files.exists(cache) && Files.size(cache) > 1_000_000,
                    "the AOT cache was written");
            System.out.println("AOT cache: " + Files.size(cache) / 1024 / 1024 + " MiB");
            System.exit(0);
        }
    }

    private static void expect(String address, int status) throws Exception {
        int answer = status(address);
        check(answer == status, address + " answers " + status + ", not " + answer);
    }

    private static int status(String address) throws InterruptedException {
        try {
            return CLIENT.send(
                            HttpRequest.newBuilder(URI.create(address))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition, String what) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.holds()) {
            check(Instant.now().isBefore(deadline), what);
            Thread.sleep(20);
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            System.err.println("training failed: not so: " + what);
            System.exit(1);
        }
    }

    private static String folder(String name) throws IOException {
        return Files.createDirectories(WORK.resolve(name)).toString();
    }

    private static void put(String folder, String key, String value) throws IOException {
        Files.writeString(Path.of(folder, key), value);
    }

    private static void append(String file, String text) throws IOException {
        Files.writeString(
                Path.of(file),
                text,
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.APPEND);
    }
}
