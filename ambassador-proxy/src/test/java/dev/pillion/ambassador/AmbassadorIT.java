package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;

import dev.pillion.ambassador.admin.Doctor;
import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.ambassador.settings.ProcessSettings;
import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.mount.MountedDirectory;
import dev.pillion.launcher.partner.PartnerService;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The whole ambassador between pgjdbc and a real PostgreSQL, configured as kubelet would. */
class AmbassadorIT {

    @TempDir static Path folder;

    private static final Login OWNER = new Login("orders_owner", "s3cret ${x} '\"", "orderdesk");
    private static final String KEY = "partner-key-4711";
    private static CertificateAuthority authority;
    private static PostgresServer server;
    private static PartnerService partner;

    @TempDir Path mounts;

    private final Map<String, String> configMap = new TreeMap<>();
    private final Map<String, String> secret = new TreeMap<>();
    private MountedDirectory routes;
    private MountedDirectory secrets;
    private Ambassador ambassador;

    @BeforeAll
    static void startTheOutside() throws IOException {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        PostgresBinaries binaries = PostgresBinaries.unpack(Path.of("target/postgres"));
        server =
                PostgresServer.prepare(
                        binaries,
                        folder.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("localhost", "127.0.0.1"));
        server.start();
        partner = PartnerService.start(0, KEY, authority.issue("localhost"), Clock.systemUTC());
    }

    @AfterAll
    static void stopTheOutside() throws IOException {
        partner.close();
        server.close();
    }

    @BeforeEach
    void start() throws IOException {
        routes = new MountedDirectory(mounts.resolve("routes"), Clock.systemUTC());
        secrets = new MountedDirectory(mounts.resolve("secrets"), Clock.systemUTC());
        configMap.put("route.orders-db.protocol", "postgres");
        configMap.put("route.orders-db.listen", "127.0.0.1:0");
        configMap.put("route.orders-db.upstream", "localhost:" + server.port());
        configMap.put("route.orders-db.database", OWNER.database());
        configMap.put("route.orders-db.tls", "verify-full");
        configMap.put("route.orders-db.tls.ca", authority.certificatePem());
        configMap.put("route.orders-db.login-deadline", "20s");
        configMap.put("route.partner.protocol", "http");
        configMap.put("route.partner.listen", "127.0.0.1:0");
        configMap.put("route.partner.upstream", "https://localhost:" + partner.port());
        configMap.put("route.partner.tls.ca", authority.certificatePem());
        secret.put("route.orders-db.user", OWNER.user());
        secret.put("route.orders-db.password", OWNER.password() + "\n");
        secret.put("route.partner.header.X-API-Key", KEY + "\n");
        routes.replace(configMap);
        secrets.replace(secret);
        start(Duration.ofMillis(500), Duration.ofSeconds(20));
    }

    private void start(Duration drainIdle, Duration drainGrace) throws IOException {
        ambassador =
                new Ambassador(
                        new ProcessSettings(
                                routes.path(),
                                secrets.path(),
                                Duration.ofMillis(100),
                                1,
                                drainIdle,
                                drainGrace,
                                0));
        assertEquals(List.of(), ambassador.start());
    }

    @AfterEach
    void stop() {
        ambassador.close();
    }

    @Test
    void logsTheApplicationInAsTheSecretsUser() throws Exception {
        try (Connection connection = connect()) {
            assertEquals("orders_owner orderdesk true", text(connection, WHO));
            assertEquals("legacy-desk", text(connection, "show application_name"));
        }
        await(() -> counts("orders-db").sessionsOpen.sum() == 0);
        assertEquals(1, counts("orders-db").connectedTotal.sum());
        assertTrue(counts("orders-db").bytesDown.sum() > 0);
    }

    @Test
    void isAWireForWhateverASessionDoes() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create temp table lines (n int, t text)");
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 50_000; i++) {
                rows.append(i).append('\t').append("row ").append(i).append('\n');
            }
            assertEquals(
                    50_000,
                    copy.copyIn(
                            "copy lines from stdin", new java.io.StringReader(rows.toString())));
            java.io.StringWriter back = new java.io.StringWriter();
            copy.copyOut("copy (select * from lines order by n) to stdout", back);
            assertEquals(rows.toString(), back.toString());

            byte[] large = new byte[8 << 20];
            new Random(1).nextBytes(large);
            try (var prepared = connection.prepareStatement("select ?::bytea")) {
                prepared.setBytes(1, large);
                ResultSet result = prepared.executeQuery();
                assertTrue(result.next());
                assertTrue(java.util.Arrays.equals(large, result.getBytes(1)));
            }
            statement.execute("set search_path to pg_temp");
            assertEquals("pg_temp", text(connection, "show search_path"));
            statement.execute("listen news");
            statement.execute("notify news, 'hello'");
            PGConnection session = connection.unwrap(PGConnection.class);
            PGNotification heard = session.getNotifications()[0];
            assertEquals("hello", heard.getParameter());
            assertEquals(session.getBackendPID(), heard.getPID(), "it is known as one's own");
            assertEquals(session.getBackendPID() + "", text(connection, "select pg_backend_pid()"));
        }
    }

    @Test
    void carriesACancelRequestToTheVeryServer() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> sleeping = other.submit(() -> statement.execute("select pg_sleep(30)"));
            try (Connection watch = connect()) {
                await(
                        () ->
                                !text(
                                                watch,
                                                "select count(*) from pg_stat_activity where query"
                                                        + " = 'select pg_sleep(30)' and wait_event ="
                                                        + " 'PgSleep'")
                                        .equals("0"));
            }
            statement.cancel();
            Exception ended = assertThrows(Exception.class, sleeping::get);
            assertEquals("57014", ((SQLException) ended.getCause()).getSQLState());
            await(() -> counts("orders-db").cancelsTotal.sum() == 1);
            assertEquals("1", text(connection, "select 1"));
        }
    }

    @Test
    void speaksProtocolThreePointTwoWhereBothEndsDo() throws Exception {
        try (Connection connection = connect("&protocolVersion=3.2");
                Statement statement = connection.createStatement()) {
            assertEquals("1", text(connection, "select 1"));
            statement.setQueryTimeout(1);
            SQLException ended =
                    assertThrows(
                            SQLException.class, () -> statement.execute("select pg_sleep(30)"));
            assertEquals("57014", ended.getSQLState());
        }
        await(() -> counts("orders-db").cancelsTotal.sum() == 1);
    }

    @Test
    void givesTheUpstreamsOwnErrorsUnchanged() throws Exception {
        configMap.put("route.orders-db.database", "no_such_database");
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        PSQLException refused = assertThrows(PSQLException.class, () -> connect());
        assertEquals("3D000", refused.getSQLState());
    }

    @Test
    void neverTellsTheUserItUsedWhenTheCredentialIsRefused() throws Exception {
        secret.put("route.orders-db.password", "wrong");
        secrets.replace(secret);
        await(() -> ambassador.routes().state().generation() == 2);
        PSQLException refused = assertThrows(PSQLException.class, () -> connect());
        assertEquals("28P01", refused.getSQLState());
        assertFalse(refused.getMessage().contains(OWNER.user()), refused.getMessage());
        assertTrue(refused.getMessage().contains("orders-db"), refused.getMessage());
    }

    @Test
    void triesThePreviousPasswordWhileARotationIsUnderWay() throws Exception {
        secret.put("route.orders-db.password", "the next one");
        secret.put("route.orders-db.password.previous", OWNER.password());
        secrets.replace(secret);
        await(() -> ambassador.routes().state().generation() == 2);
        try (Connection connection = connect()) {
            assertEquals("orders_owner orderdesk true", text(connection, WHO));
        }
        assertEquals(1, counts("orders-db").passwordPreviousTotal.sum());
    }

    @Test
    void aRotationUnderLoadIsNoticedByNobody() throws Exception {
        AtomicBoolean rotating = new AtomicBoolean(true);
        AtomicInteger logins = new AtomicInteger();
        try (ExecutorService application = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(
                        application.submit(
                                () -> {
                                    while (rotating.get()) {
                                        try (Connection connection = connect()) {
                                            text(connection, "select 1");
                                            logins.incrementAndGet();
                                        }
                                    }
                                    return null;
                                }));
            }
            await(() -> logins.get() > 10);
            secret.put("route.orders-db.password", "rotated");
            secret.put("route.orders-db.password.previous", OWNER.password());
            secrets.replace(secret);
            int before = logins.get();
            await(() -> logins.get() > before + 10);
            setPassword("rotated");
            int after = logins.get();
            await(() -> logins.get() > after + 10);
            rotating.set(false);
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            rotating.set(false);
            setPassword(OWNER.password());
        }
        assertTrue(counts("orders-db").passwordPreviousTotal.sum() > 0);
    }

    @Test
    void aWarmSessionIsLikeANewOne() throws Exception {
        configMap.put("route.orders-db.warm-sessions", "3");
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        Set<String> processes = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            try (Connection connection = connect("&options=-c%20work_mem=5MB");
                    Statement statement = connection.createStatement()) {
                assertTrue(processes.add(text(connection, "select pg_backend_pid()")));
                assertEquals("orders_owner orderdesk true", text(connection, WHO));
                assertEquals("legacy-desk", text(connection, "show application_name"));
                assertEquals("5MB", text(connection, "show work_mem"));
                statement.execute("create temp table mine (n int)");
                statement.execute("set work_mem = '6MB'");
                await(() -> counts("orders-db").warmOpen.sum() > 0);
            }
        }
        assertEquals(19, counts("orders-db").warmTakenTotal.sum());
        try (Connection connection = connect("&options=-c%20work_mem=5MB");
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            SQLException ended =
                    assertThrows(
                            SQLException.class, () -> statement.execute("select pg_sleep(30)"));
            assertEquals("57014", ended.getSQLState());
        }
        await(() -> counts("orders-db").warmOpen.sum() == 3);
        server.stop();
        server.start();
        try (Connection connection = connect("&options=-c%20work_mem=5MB")) {
            assertEquals("5MB", text(connection, "show work_mem"));
        }
        assertEquals(3, counts("orders-db").warmDiscardedTotal.sum());
    }

    private void setPassword(String password) throws SQLException {
        Login superuser = server.superuser();
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://localhost:"
                                        + server.port()
                                        + "/"
                                        + superuser.database()
                                        + "?sslmode=require",
                                superuser.user(),
                                superuser.password());
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "alter role "
                            + OWNER.user()
                            + " password '"
                            + password.replace("'", "''")
                            + "'");
        }
    }

    @Test
    void refusesAnUpstreamItCannotVerify() throws Exception {
        configMap.put(
                "route.orders-db.tls.ca",
                CertificateAuthority.create("other CA", Clock.systemUTC()).certificatePem());
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        PSQLException refused = assertThrows(PSQLException.class, () -> connect());
        assertEquals("08006", refused.getSQLState());
        assertTrue(refused.getMessage().contains("TLS"), refused.getMessage());
        assertEquals(1, counts("orders-db").failures().get("tls").sum());
    }

    @Test
    void holdsTheLoginUntilTheDatabaseIsBack() throws Exception {
        server.stop();
        try (ExecutorService application = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Connection> login = application.submit(() -> connect(""));
            await(() -> counts("orders-db").sessionsOpen.sum() == 1);
            server.start();
            try (Connection connection = login.get()) {
                assertEquals("orders_owner orderdesk true", text(connection, WHO));
            }
        }
    }

    @Test
    void tellsInTheProtocolThatTheUpstreamIsDown() throws Exception {
        configMap.put("route.orders-db.login-deadline", "200ms");
        configMap.put("route.orders-db.upstream", "localhost:1");
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        PSQLException refused = assertThrows(PSQLException.class, () -> connect());
        assertEquals("08006", refused.getSQLState());
        assertTrue(refused.getMessage().contains("localhost:1"), refused.getMessage());
    }

    @Test
    void keepsOpenSessionsThroughAChange() throws Exception {
        try (Connection connection = connect()) {
            InetSocketAddress before = ambassador.listeners().address("orders-db").orElseThrow();
            configMap.put("route.orders-db.max-sessions", "7");
            routes.replace(configMap);
            await(() -> ambassador.routes().state().generation() == 2);
            assertEquals("1", text(connection, "select 1"));
            assertEquals(before, ambassador.listeners().address("orders-db").orElseThrow());
            configMap.keySet().removeIf(key -> key.startsWith("route.orders-db."));
            Map<String, String> without = new TreeMap<>(secret);
            without.keySet().removeIf(key -> key.startsWith("route.orders-db."));
            routes.replace(configMap);
            secrets.replace(without);
            await(() -> ambassador.listeners().address("orders-db").isEmpty());
            assertEquals("1", text(connection, "select 1"));
        }
    }

    @Test
    void keepsServingWhenABadConfigurationIsLaidDown() throws Exception {
        configMap.put("route.orders-db.upstream", "db:");
        configMap.put("route.orders-db.protocol", "postgres");
        routes.replace(configMap);
        await(() -> !ambassador.routes().state().mistakes().isEmpty());
        assertEquals(
                List.of(
                        new Mistake(
                                "route.orders-db.upstream", "db:", "has no port; write host:port")),
                ambassador.routes().state().mistakes());
        try (Connection connection = connect()) {
            assertEquals("1", text(connection, "select 1"));
        }
    }

    @Test
    void refusesMoreSessionsThanAllowed() throws Exception {
        configMap.put("route.orders-db.max-sessions", "1");
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        try (Connection connection = connect()) {
            PSQLException refused = assertThrows(PSQLException.class, () -> connect());
            assertEquals("53300", refused.getSQLState());
            assertEquals("1", text(connection, "select 1"));
            try (Statement statement = connection.createStatement()) {
                // The cancel request is a connection too, and must not be one too many.
                statement.setQueryTimeout(1);
                SQLException ended =
                        assertThrows(
                                SQLException.class, () -> statement.execute("select pg_sleep(9)"));
                assertEquals("57014", ended.getSQLState());
            }
        }
    }

    @Test
    void letsSessionsFinishThenEndsTheIdleAndLastThoseInATransaction() throws Exception {
        ambassador.close();
        start(Duration.ofSeconds(3), Duration.ofSeconds(20));
        try (Connection idle = connect();
                Connection writing = connect();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            writing.setAutoCommit(false);
            assertEquals("1", text(writing, "select 1"));
            InetSocketAddress port = ambassador.listeners().address("orders-db").orElseThrow();
            Future<?> stopping = other.submit(ambassador::close);
            await(() -> ambassador.listeners().address("orders-db").isEmpty());
            assertThrows(
                    java.net.ConnectException.class,
                    () -> new java.net.Socket(port.getAddress(), port.getPort()).close());
            assertEquals("1", text(idle, "select 1"), "it may go on for a while");
            await(() -> counts("orders-db").sessionsOpen.sum() == 1);
            assertEquals("57P01", lost(idle).getSQLState());
            assertEquals("2", text(writing, "select 2"), "it may go on to its end");
            assertFalse(stopping.isDone());
            writing.commit();
            stopping.get();
            // The driver writes twice to begin another, and hears only of the broken pipe.
            writing.setAutoCommit(true);
            assertEquals("57P01", lost(writing).getSQLState());
        }
    }

    private static SQLException lost(Connection connection) {
        return assertThrows(SQLException.class, () -> text(connection, "select 1"));
    }

    @Test
    void endsATransactionThatOutlivesTheGrace() throws Exception {
        ambassador.close();
        start(Duration.ofMillis(1), Duration.ofMillis(200));
        try (Connection writing = connect()) {
            writing.setAutoCommit(false);
            assertEquals("1", text(writing, "select 1"));
            ambassador.close();
            assertEquals("57P01", lost(writing).getSQLState());
        }
    }

    @Test
    void addsTheKeyToRequestsOfThePartner() throws Exception {
        long before = partner.answered();
        HttpResponse<String> answer = get("/rates");
        assertEquals(200, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("\"USD\""), answer.body());
        assertEquals(before + 1, partner.answered());
    }

    @Test
    void letsARequestInFlightFinishWhenItsRouteGoesAndWhenAllStops() throws Exception {
        CountDownLatch arrived = new CountDownLatch(2);
        Map<String, CountDownLatch> answers =
                Map.of("/gone", new CountDownLatch(1), "/stays", new CountDownLatch(1));
        HttpServer slow =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        slow.createContext(
                "/",
                exchange -> {
                    arrived.countDown();
                    try {
                        answers.get(exchange.getRequestURI().getPath()).await();
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        slow.start();
        for (String name : List.of("gone", "stays")) {
            configMap.put("route." + name + ".protocol", "http");
            configMap.put("route." + name + ".listen", "127.0.0.1:0");
            configMap.put(
                    "route." + name + ".upstream",
                    "http://127.0.0.1:" + slow.getAddress().getPort());
        }
        routes.replace(configMap);
        await(() -> ambassador.listeners().address("gone").isPresent());
        InetSocketAddress gone = ambassador.listeners().address("gone").orElseThrow();
        InetSocketAddress stays = ambassador.listeners().address("stays").orElseThrow();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> toGone = clients.submit(() -> get(gone, "/gone"));
            Future<HttpResponse<String>> toStays = clients.submit(() -> get(stays, "/stays"));
            arrived.await();
            configMap.keySet().removeIf(key -> key.startsWith("route.gone."));
            routes.replace(configMap);
            await(() -> ambassador.listeners().address("gone").isEmpty());
            assertThrows(java.net.ConnectException.class, () -> get(gone, "/"));
            Future<?> stopping = clients.submit(ambassador::close);
            await(() -> ambassador.listeners().address("stays").isEmpty());
            answers.get("/stays").countDown();
            assertEquals(204, toStays.get().statusCode());
            // The process waits for the other as well, whose route is no more.
            assertThrows(
                    java.util.concurrent.TimeoutException.class,
                    () -> stopping.get(300, java.util.concurrent.TimeUnit.MILLISECONDS));
            answers.get("/gone").countDown();
            assertEquals(204, toGone.get().statusCode());
            stopping.get();
        } finally {
            answers.values().forEach(CountDownLatch::countDown);
            slow.stop(0);
        }
    }

    @Test
    void answersForAPartnerThatIsDown() throws Exception {
        configMap.put("route.partner.upstream", "https://localhost:1");
        routes.replace(configMap);
        await(() -> ambassador.routes().state().generation() == 2);
        HttpResponse<String> answer = get("/rates");
        assertEquals(502, answer.statusCode());
        assertTrue(answer.body().contains("route partner"), answer.body());
        assertFalse(answer.body().contains(KEY), answer.body());
    }

    @Test
    void doctorTriesEveryStepOfEveryRoute() throws IOException {
        String text = doctor(true);
        assertTrue(text.contains("primary, PostgreSQL 18"), text);
        assertTrue(text.contains("certificate for localhost, 127.0.0.1, valid for another"), text);

        secret.put("route.orders-db.password", "wrong");
        secrets.replace(secret);
        configMap.put("route.partner.upstream", "https://127.0.0.1:" + partner.port());
        routes.replace(configMap);
        String ill = doctor(false);
        assertTrue(ill.contains("28P01") && ill.contains("FAIL  login"), ill);
        assertTrue(ill.contains("FAIL  tls") && ill.contains("name it is good for"), ill);
    }

    /** Each is a mistake of its own, and the advice has to fit it. */
    @Test
    void doctorSaysWhatToDoAboutEachTlsFailure() throws Exception {
        String strangers =
                CertificateAuthority.create("other CA", Clock.systemUTC()).certificatePem();
        configMap.put("route.orders-db.tls.ca", strangers);
        configMap.put("route.partner.tls.ca", strangers);
        try (ServerSocket plain = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(
                            () ->
                                    ScriptedServer.accept(
                                            plain,
                                            socket -> {
                                                try (socket) {
                                                    socket.getInputStream().read();
                                                    socket.getOutputStream()
                                                            .write("what?\r\n".getBytes(UTF_8));
                                                } catch (IOException gone) {
                                                    // it has looked
                                                }
                                            }));
            for (String name : List.of("queue", "other")) {
                configMap.put("route." + name + ".listen", "127.0.0.1:0");
            }
            configMap.put("route.queue.protocol", "tcp");
            configMap.put("route.queue.upstream", "localhost:" + plain.getLocalPort());
            configMap.put("route.other.protocol", "http");
            configMap.put("route.other.upstream", "https://localhost:" + plain.getLocalPort());
            routes.replace(configMap);
            String said = doctor(false);
            assertTrue(
                    said.contains("FAIL  tls") && said.contains("into route.orders-db.tls.ca"),
                    said);
            assertTrue(said.contains("into route.partner.tls.ca"), said);
            assertTrue(said.contains("set route.queue.tls to disable"), said);
            assertTrue(said.contains("write http:// in route.other.upstream"), said);
        }
    }

    /** Which database it will be, the application says, and doctor cannot know. */
    @Test
    void doctorNeedsNoDatabaseOfTheRoute() throws Exception {
        configMap.remove("route.orders-db.database");
        routes.replace(configMap);
        String said = doctor(true);
        assertTrue(said.contains("primary, PostgreSQL 18"), said);
        configMap.put("route.orders-db.database", "nowhere");
        routes.replace(configMap);
        String ill = doctor(false);
        assertTrue(ill.contains("database \"nowhere\" does not exist (SQLSTATE 3D000)"), ill);
    }

    private String doctor(boolean well) {
        ProcessSettings settings =
                new ProcessSettings(
                        routes.path(),
                        secrets.path(),
                        Duration.ofSeconds(1),
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        0);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        assertEquals(
                well,
                new Doctor(new PrintStream(said, true, UTF_8), Clock.systemUTC()).examine(settings),
                () -> said.toString(UTF_8));
        return said.toString(UTF_8);
    }

    private static final String WHO =
            "select current_user || ' ' || current_database() || ' ' || ssl from pg_stat_ssl where"
                    + " pid = pg_backend_pid()";

    private HttpResponse<String> get(String path) throws Exception {
        return get(ambassador.listeners().address("partner").orElseThrow(), path);
    }

    private static HttpResponse<String> get(InetSocketAddress address, String path)
            throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + address.getPort() + path))
                            .header("X-API-Key", "the application's own, wrong")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private Connection connect() throws SQLException {
        return connect("");
    }

    private Connection connect(String options) throws SQLException {
        int port = ambassador.listeners().address("orders-db").orElseThrow().getPort();
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:"
                        + port
                        + "/orders?sslmode=prefer&ApplicationName=legacy-desk"
                        + options,
                "legacy",
                "legacy");
    }

    private dev.pillion.ambassador.routes.RouteStatistics counts(String route) {
        return ambassador.statistics().of(route);
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertTrue(result.next());
            return result.getString(1);
        }
    }
}
