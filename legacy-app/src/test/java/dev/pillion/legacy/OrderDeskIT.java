package dev.pillion.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;

import dev.pillion.launcher.postgres.PostgresServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The packaged application, from outside. */
class OrderDeskIT {

    private static final String ORDER =
            "{\"customer\":\"Ada\",\"sku\":\"TEA-EARL\",\"quantity\":%d,\"currency\":\"%s\"}";

    @TempDir private Path folder;

    @Test
    void startsWithEverythingDownAndRecoversByItself() throws Exception {
        PostgresServer database = RealPostgres.prepare(folder.resolve("server"));
        int partnerPort = RunningApp.freePort();
        try (database;
                var app =
                        RunningApp.start(
                                folder,
                                "test.database.url=" + RealPostgres.url(database),
                                "test.database.user=" + RealPostgres.OWNER.user(),
                                "test.database.password=" + RealPostgres.OWNER.password(),
                                "test.partner=http://localhost:" + partnerPort + "/",
                                "app.workload.interval=PT0S",
                                "app.date.interval=PT0.1S")) {
            servesThePageAndSaysWhatIsMissing(app);
            database.start();
            HttpServer partner = partner(partnerPort);
            try {
                takesOrders(app);
                endsTheRequestThatIsUnderWay(app, database);
            } finally {
                partner.stop(0);
            }
            wroteItsLogs();
            assertFalse(Files.readString(app.output).contains("\tat "), "a stack trace");
        }
    }

    private static void servesThePageAndSaysWhatIsMissing(RunningApp app) throws Exception {
        var page = app.await("/", answer -> answer.statusCode() == 200);
        assertTrue(page.body().contains("<title>Order desk"), page.body());
        assertEquals(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                        + " connect-src 'self'; base-uri 'none'; form-action 'self';"
                        + " frame-ancestors 'none'",
                page.headers().firstValue("Content-Security-Policy").orElse(""));
        for (String path : List.of("/desk.js", "/desk.css", "/icon.svg", "/openapi")) {
            assertEquals(200, app.get(path).statusCode(), path);
        }

        var orders = app.get("/api/orders");
        assertEquals(503, orders.statusCode());
        assertTrue(orders.body().startsWith("{\"error\":\"database-unavailable\""), orders.body());
        assertEquals("5", orders.headers().firstValue("Retry-After").orElse(""));
        assertEquals(503, app.post("/api/orders", ORDER.formatted(1, "EUR")).statusCode());
        assertEquals(503, app.post("/api/orders", ORDER.formatted(1, "USD")).statusCode());
        assertEquals(503, app.get("/api/rates").statusCode());
        assertEquals(200, app.get("/health/live").statusCode());
        assertEquals(200, app.get("/health/started").statusCode());
        var ready = app.get("/health/ready");
        assertEquals(200, ready.statusCode());
        assertTrue(ready.body().contains("\"database\":\"unreachable\""), ready.body());
    }

    private void takesOrders(RunningApp app) throws Exception {
        app.await("/api/orders", answer -> answer.statusCode() == 200);
        app.await("/api/rates", answer -> answer.statusCode() == 200);

        var placed = app.post("/api/orders", ORDER.formatted(3, "USD"));
        assertEquals(201, placed.statusCode(), placed.body());
        assertTrue(placed.body().contains("\"total\":40.43"), placed.body());
        String location = placed.headers().firstValue("Location").orElse("");
        assertEquals(200, app.get(java.net.URI.create(location).getPath()).statusCode(), location);
        assertEquals(404, app.get("/api/orders/PO-NONE").statusCode());

        var greedy = ORDER.formatted(9, "EUR").replace("TEA-EARL", "MILL-HAND");
        assertEquals(409, app.post("/api/orders", greedy).statusCode());
        assertEquals(402, app.post("/api/orders", dear()).statusCode());
        var wrong = app.post("/api/orders", ORDER.formatted(0, "euro"));
        assertEquals(400, wrong.statusCode());
        assertTrue(wrong.body().contains("\"quantity\":\"Order 1 to 99 pieces.\""), wrong.body());
        assertTrue(wrong.body().contains("\"currency\":"), wrong.body());
        assertEquals(400, app.post("/api/orders", "{").statusCode());
        assertEquals(400, app.post("/api/orders", "").statusCode());
        assertEquals(400, app.get("/api/orders?state=LOST").statusCode());

        var listed = app.get("/api/orders?limit=2");
        assertTrue(listed.body().contains("\"DECLINED\":1"), listed.body());
        assertTrue(app.get("/metrics").body().contains("outcome=\"paid\",} 1.0"), "metric");
    }

    /** 78 bags of coffee: on the shelf, and above the card's limit. */
    private static String dear() {
        return ORDER.formatted(78, "EUR").replace("TEA-EARL", "COF-HOUSE");
    }

    /** SIGTERM comes while a request waits for a locked table: it is answered, then all ends. */
    private static void endsTheRequestThatIsUnderWay(RunningApp app, PostgresServer database)
            throws Exception {
        try (var locker =
                        DriverManager.getConnection(
                                RealPostgres.url(database),
                                RealPostgres.OWNER.user(),
                                RealPostgres.OWNER.password());
                var statement = locker.createStatement()) {
            locker.setAutoCommit(false);
            statement.execute("lock table orders in access exclusive mode");
            var answer = app.getLater("/api/orders");
            app.awaitThat(
                    "a request waits for the lock",
                    () -> {
                        try (var waiting =
                                statement.executeQuery("select from pg_locks where not granted")) {
                            return waiting.next();
                        }
                    });
            app.process.destroy();
            app.awaitThat("it takes no more connections", app::refusesConnections);
            locker.rollback();
            assertEquals(200, answer.get(20, TimeUnit.SECONDS).statusCode());
        }
        assertEquals(143, app.terminate(), Files.readString(app.output));
    }

    private void wroteItsLogs() throws Exception {
        Path logs = folder.resolve("logs");
        String orders = Files.readString(logs.resolve("orders.log"));
        assertTrue(
                Pattern.compile(
                                "(?m)^\\S+ \\S+ ERROR \\[.+] d\\.p\\.l\\.d\\.OrderDesk - Order"
                                        + " PO-[0-9A-Z]{8} of Ada failed$")
                        .matcher(orders)
                        .find(),
                orders);
        assertTrue(
                orders.contains(
                        "Caused by: dev.pillion.legacy.desk.PaymentTerminal$Declined: card issuer"
                                + " declined EUR 1942.20"),
                orders);
        String access = Files.readString(logs.resolve("access.log"));
        assertTrue(
                Pattern.compile(
                                "(?m)^127\\.0\\.0\\.1 - - \\[\\d{2}/[A-Z][a-z]{2}/\\d{4}(:\\d{2}){3}"
                                        + " [+-]\\d{4}] \"GET /api/orders\\?state=LOST HTTP/1\\.1\""
                                        + " 400 \\d+ \"-\" \"it/1\\.0 \\\\\"quoted\\\\\"\"$")
                        .matcher(access)
                        .find(),
                access);
        int pageBytes = Files.readAllBytes(Path.of("src/main/resources/web/index.html")).length;
        assertTrue(access.contains("\"GET / HTTP/1.1\" 200 " + pageBytes + " "), access);
        String batch = Files.readString(logs.resolve("batch.0.log"));
        assertTrue(batch.contains("NightlyBatch run\nINFO: Batch 1 starts\n"), batch);
        String events = Files.readString(logs.resolve("events.json.log"));
        assertTrue(events.contains("\"message\":\"order.paid\""), events);
        String stock = Files.readString(logs.resolve("stock.logfmt.log"));
        assertTrue(stock.contains("msg=\"put back\" sku=COF-HOUSE order=PO-"), stock);
        for (String line : Files.readAllLines(logs.resolve("date.log"))) {
            assertTrue(
                    line.matches(
                            "[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\S+"
                                    + " \\d{4}"),
                    line);
        }
    }

    @Test
    void namesEveryWrongSettingInALineAndExits() throws Exception {
        Files.createFile(folder.resolve("file"));
        try (var app =
                RunningApp.start(folder, "app.date.interval=soon", "app.batch.interval=PT-1S")) {
            assertTrue(app.process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(Main.EXIT_SETTINGS, app.process.exitValue());
            assertEquals(2, Files.readAllLines(app.output).size(), Files.readString(app.output));
        }
        try (var app =
                RunningApp.start(folder, "app.log-directory=" + folder.resolve("file/logs"))) {
            assertTrue(app.process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(Main.EXIT_SETTINGS, app.process.exitValue());
            assertEquals(1, Files.readAllLines(app.output).size(), Files.readString(app.output));
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var app =
                        RunningApp.start(
                                folder,
                                "server.port=" + taken.getLocalPort(),
                                "test.database.url=jdbc:postgresql://localhost:1/none",
                                "test.database.user=none",
                                "test.database.password=none",
                                "test.partner=http://localhost:1/")) {
            assertTrue(app.process.waitFor(30, TimeUnit.SECONDS));
            String output = Files.readString(app.output);
            assertEquals(Main.EXIT_PORT, app.process.exitValue(), output);
            assertEquals(
                    "server.port: "
                            + taken.getLocalPort()
                            + " cannot be had on 127.0.0.1 (Address already in use); set"
                            + " SERVER_PORT to a free port\n",
                    output);
        }
    }

    private static HttpServer partner(int port) throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        byte[] rates =
                "{\"base\":\"EUR\",\"date\":\"2026-11-22\",\"rates\":{\"USD\":1.0867}}"
                        .getBytes(StandardCharsets.UTF_8);
        server.createContext(
                "/rates",
                exchange -> {
                    exchange.sendResponseHeaders(200, rates.length);
                    exchange.getResponseBody().write(rates);
                    exchange.close();
                });
        server.start();
        return server;
    }
}
