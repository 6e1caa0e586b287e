package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What an application notices when its database is killed, restarted, promoted, paused or shows an
 * expired certificate: PostgreSQL 15 from Debian, and a standby that streams through the
 * ambassador.
 */
class FaultIT {

    private static final Login OWNER = new Login("orders_owner", "s3cret", "orders");

    /** Logins at the same time, over and over. */
    private static final int CLIENTS = 4;

    @TempDir Path folder;

    private CertificateAuthority authority;
    private PostgresServer server;
    private OneRoute route;

    @BeforeAll
    static void needsDebian() {
        Program.needsDebian15();
    }

    @BeforeEach
    void start() throws Exception {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        server =
                PostgresServer.prepare(
                        new PostgresBinaries(Program.DEBIAN_15),
                        folder.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("localhost"));
        server.start();
        execute(server, "alter role " + OWNER.user() + " replication");
        try (Connection owner = direct(server, OWNER);
                Statement statement = owner.createStatement()) {
            statement.execute("create table news (id serial primary key, text text)");
        }
        route = route(Map.of());
    }

    @AfterEach
    void stop() throws IOException {
        route.close();
        server.close();
    }

    @Test
    void noLoginFailsWhileTheServerIsKilledAndRestarted() throws Exception {
        try (Load load = new Load()) {
            load.more(20);
            try (Connection idle = route.connect()) {
                server.kill();
                server.start();
                load.more(20);
                SQLException lost = assertThrows(SQLException.class, () -> insert(idle));
                // 57P01 if the backend lived long enough to say that its postmaster has gone.
                assertTrue(
                        Set.of("08006", "57P01").contains(lost.getSQLState()),
                        lost.getSQLState() + " " + lost.getMessage());
            }
        }
    }

    @Test
    void aPausedServerIsOnlySlow() throws Exception {
        try (Load load = new Load()) {
            load.more(20);
            signal(server, "STOP");
            try {
                int before = load.done.get();
                Future<Connection> held = load.clients.submit(() -> route.connect());
                assertThrows(
                        java.util.concurrent.TimeoutException.class,
                        () -> held.get(700, java.util.concurrent.TimeUnit.MILLISECONDS));
                assertTrue(load.done.get() <= before + CLIENTS, "it was not paused");
                signal(server, "CONT");
                held.get().close();
            } finally {
                signal(server, "CONT");
            }
            load.more(20);
            assertEquals(0, load.lost.get());
        }
    }

    @Test
    void anExpiredCertificateIsRefusedAndItsSuccessorTaken() throws Exception {
        try (Connection open = route.connect()) {
            server.present(authority.issue(Duration.ofDays(-1), "localhost"));
            execute(server, "select pg_reload_conf()");
            await(
                    () -> {
                        try {
                            route.connect().close();
                            return false;
                        } catch (SQLException refused) {
                            assertEquals("08006", refused.getSQLState(), refused.getMessage());
                            assertTrue(
                                    refused.getMessage().contains("TLS with localhost"),
                                    refused.getMessage());
                            return true;
                        }
                    });
            insert(open);
            server.present(authority.issue("localhost"));
            execute(server, "select pg_reload_conf()");
            await(
                    () -> {
                        try {
                            route.connect().close();
                            return true;
                        } catch (SQLException still) {
                            return false;
                        }
                    });
            insert(open);
        }
    }

    @Test
    void followsAPromotionOfAStandbyThatStreamedThroughIt() throws Exception {
        try (PostgresServer standby = standbyThroughTheAmbassador()) {
            insert(server);
            await(() -> count(standby) == count(server));
            Map<String, String> both = new HashMap<>();
            both.put("upstream", "localhost:" + server.port() + ",localhost:" + standby.port());
            both.put("target", "standby");
            try (OneRoute reader = route(both);
                    Connection connection = reader.connect()) {
                assertEquals("t", text(connection, "select pg_is_in_recovery()"));
            }
            both.put("target", "prefer-standby");
            try (OneRoute reader = route(both);
                    Connection connection = reader.connect()) {
                assertEquals("t", text(connection, "select pg_is_in_recovery()"));
            }
            both.put("target", "primary");
            route.close();
            route = route(both);
            try (Load load = new Load()) {
                load.more(20);
                server.kill();
                // Nobody is primary for a while: the logins wait.
                int before = load.done.get();
                execute(standby, "select pg_promote(true)");
                load.more(20);
                assertTrue(load.done.get() > before);
            }
            try (Connection connection = route.connect()) {
                assertEquals("f", text(connection, "select pg_is_in_recovery()"));
            }
        }
    }

    /** pg_basebackup and the walreceiver both come through the route: replication connections. */
    private PostgresServer standbyThroughTheAmbassador() throws Exception {
        Path home = folder.resolve("standby");
        Files.createDirectories(home);
        Program.Result copied =
                Program.run(
                        Map.of("PGPASSWORD", "whatever"),
                        "",
                        List.of(
                                Program.debian15("pg_basebackup"),
                                "-R",
                                "-X",
                                "stream",
                                "-c",
                                "fast",
                                "-D",
                                home.resolve("data").toString(),
                                "-d",
                                "host=localhost user=legacy sslmode=disable port=" + route.port()));
        assertEquals(0, copied.exit(), copied.out());
        for (String file : List.of("pg_hba.conf", "superuser.password")) {
            Files.copy(folder.resolve("server").resolve(file), home.resolve(file));
        }
        PostgresServer standby =
                PostgresServer.prepare(
                        new PostgresBinaries(Program.DEBIAN_15),
                        home,
                        0,
                        OWNER,
                        authority.issue("localhost"));
        standby.start();
        return standby;
    }

    private OneRoute route(Map<String, String> changes) throws IOException {
        Map<String, String> keys = new HashMap<>();
        keys.put("upstream", "localhost:" + server.port());
        keys.put("user", OWNER.user());
        keys.put("password", OWNER.password());
        keys.put("tls.ca", authority.certificatePem());
        keys.put("login-deadline", "30s");
        keys.putAll(changes);
        return new OneRoute(folder, keys);
    }

    /**
     * Clients that log in, write and leave. A failed login fails the test; a lost session does not.
     */
    private final class Load implements AutoCloseable {

        final AtomicInteger done = new AtomicInteger();
        final AtomicInteger lost = new AtomicInteger();
        final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean going = new AtomicBoolean(true);
        private final List<Future<?>> running = new ArrayList<>();

        Load() {
            for (int i = 0; i < CLIENTS; i++) {
                running.add(clients.submit(this::client));
            }
        }

        private Void client() throws SQLException {
            while (going.get()) {
                Connection connection = route.connect();
                try (connection) {
                    insert(connection);
                    done.incrementAndGet();
                } catch (SQLException midTransaction) {
                    lost.incrementAndGet();
                }
            }
            return null;
        }

        void more(int transactions) throws Exception {
            int goal = done.get() + transactions;
            await(
                    () -> {
                        for (Future<?> client : running) {
                            if (client.isDone()) {
                                client.get();
                            }
                        }
                        return done.get() >= goal;
                    });
        }

        @Override
        public void close() throws ExecutionException {
            going.set(false);
            clients.close();
            for (Future<?> client : running) {
                if (client.state() == Future.State.FAILED) {
                    throw new ExecutionException(client.exceptionNow());
                }
            }
        }
    }

    private void insert(PostgresServer at) throws SQLException {
        try (Connection connection = direct(at, OWNER)) {
            insert(connection);
        }
    }

    private static void insert(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("insert into news (text) values ('hello')");
        }
    }

    private static int count(PostgresServer at) throws SQLException {
        try (Connection connection = direct(at, OWNER)) {
            return Integer.parseInt(text(connection, "select count(*) from news"));
        }
    }

    private static void execute(PostgresServer at, String sql) throws SQLException {
        try (Connection superuser = direct(at, at.superuser());
                Statement statement = superuser.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection direct(PostgresServer at, Login login) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:"
                        + at.port()
                        + "/"
                        + login.database()
                        + "?sslmode=require&socketTimeout=20",
                login.user(),
                login.password());
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertTrue(result.next());
            return result.getString(1);
        }
    }

    /** To the postmaster and all that it started. */
    private static void signal(PostgresServer at, String signal) throws Exception {
        long postmaster =
                Long.parseLong(
                        ProcessHandle.allProcesses()
                                .filter(
                                        p ->
                                                p.info()
                                                        .commandLine()
                                                        .orElse("")
                                                        .contains("port=" + at.port()))
                                .filter(p -> p.info().commandLine().orElse("").contains("postgres"))
                                .map(p -> "" + p.pid())
                                .findFirst()
                                .orElseThrow());
        List<ProcessHandle> all =
                Stream.concat(
                                Stream.of(ProcessHandle.of(postmaster).orElseThrow()),
                                ProcessHandle.of(postmaster).orElseThrow().descendants())
                        .toList();
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        all.forEach(process -> command.add("" + process.pid()));
        Program.run(Map.of(), "", command);
    }
}
