package dev.pillion.ambassador;

import static dev.pillion.ambassador.MountedAmbassador.text;
import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.launcher.postgres.Login;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;

import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The whole ambassador between pgjdbc and a real PostgreSQL, configured as kubelet would. */
class AmbassadorIT extends BesideTheOutside {

    @Test
    void logsTheApplicationInAsTheSecretsUser() throws Exception {
        try (Connection connection = seat.connect()) {
            assertEquals("orders_owner orderdesk true", text(connection, MountedAmbassador.WHO));
            assertEquals("legacy-desk", text(connection, "show application_name"));
        }
        await(() -> seat.counts("orders-db").sessionsOpen.sum() == 0);
        assertEquals(1, seat.counts("orders-db").connectedTotal.sum());
        assertTrue(seat.counts("orders-db").bytesDown.sum() > 0);
    }

    @Test
    void isAWireForWhateverASessionDoes() throws Exception {
        try (Connection connection = seat.connect();
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
    void speaksProtocolThreePointTwoWhereBothEndsDo() throws Exception {
        try (Connection connection = seat.connect("&protocolVersion=3.2");
                Statement statement = connection.createStatement()) {
            assertEquals("1", text(connection, "select 1"));
            statement.setQueryTimeout(1);
            SQLException ended =
                    assertThrows(
                            SQLException.class, () -> statement.execute("select pg_sleep(30)"));
            assertEquals("57014", ended.getSQLState());
        }
        await(() -> seat.counts("orders-db").cancelsTotal.sum() == 1);
    }

    @Test
    void givesTheUpstreamsOwnErrorsUnchanged() throws Exception {
        seat.configMap.put("route.orders-db.database", "no_such_database");
        seat.change();
        PSQLException refused = assertThrows(PSQLException.class, () -> seat.connect());
        assertEquals("3D000", refused.getSQLState());
    }

    @Test
    void neverTellsTheUserItUsedWhenTheCredentialIsRefused() throws Exception {
        seat.secret.put("route.orders-db.password", "wrong");
        seat.change();
        PSQLException refused = assertThrows(PSQLException.class, () -> seat.connect());
        assertEquals("28P01", refused.getSQLState());
        assertFalse(refused.getMessage().contains(Outside.OWNER.user()), refused.getMessage());
        assertTrue(refused.getMessage().contains("orders-db"), refused.getMessage());
    }

    @Test
    void triesThePreviousPasswordWhileARotationIsUnderWay() throws Exception {
        seat.secret.put("route.orders-db.password", "the next one");
        seat.secret.put("route.orders-db.password.previous", Outside.OWNER.password());
        seat.change();
        try (Connection connection = seat.connect()) {
            assertEquals("orders_owner orderdesk true", text(connection, MountedAmbassador.WHO));
        }
        assertEquals(1, seat.counts("orders-db").passwordPreviousTotal.sum());
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
                                        try (Connection connection = seat.connect()) {
                                            text(connection, "select 1");
                                            logins.incrementAndGet();
                                        }
                                    }
                                    return null;
                                }));
            }
            await(() -> logins.get() > 10);
            seat.secret.put("route.orders-db.password", "rotated");
            seat.secret.put("route.orders-db.password.previous", Outside.OWNER.password());
            seat.lay();
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
            setPassword(Outside.OWNER.password());
        }
        assertTrue(seat.counts("orders-db").passwordPreviousTotal.sum() > 0);
    }

    private void setPassword(String password) throws SQLException {
        Login superuser = outside.server().superuser();
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://localhost:"
                                        + outside.server().port()
                                        + "/"
                                        + superuser.database()
                                        + "?sslmode=require",
                                superuser.user(),
                                superuser.password());
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "alter role "
                            + Outside.OWNER.user()
                            + " password '"
                            + password.replace("'", "''")
                            + "'");
        }
    }

    @Test
    void aWarmSessionIsLikeANewOne() throws Exception {
        seat.configMap.put("route.orders-db.warm-sessions", "3");
        seat.change();
        Set<String> processes = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            try (Connection connection = seat.connect("&options=-c%20work_mem=5MB");
                    Statement statement = connection.createStatement()) {
                assertTrue(processes.add(text(connection, "select pg_backend_pid()")));
                assertEquals(
                        "orders_owner orderdesk true", text(connection, MountedAmbassador.WHO));
                assertEquals("legacy-desk", text(connection, "show application_name"));
                assertEquals("5MB", text(connection, "show work_mem"));
                statement.execute("create temp table mine (n int)");
                statement.execute("set work_mem = '6MB'");
                await(() -> seat.counts("orders-db").warmOpen.sum() > 0);
            }
        }
        assertEquals(19, seat.counts("orders-db").warmTakenTotal.sum());
        try (Connection connection = seat.connect("&options=-c%20work_mem=5MB");
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            SQLException ended =
                    assertThrows(
                            SQLException.class, () -> statement.execute("select pg_sleep(30)"));
            assertEquals("57014", ended.getSQLState());
        }
        await(() -> seat.counts("orders-db").warmOpen.sum() == 3);
        outside.server().stop();
        outside.server().start();
        try (Connection connection = seat.connect("&options=-c%20work_mem=5MB")) {
            assertEquals("5MB", text(connection, "show work_mem"));
        }
        assertEquals(3, seat.counts("orders-db").warmDiscardedTotal.sum());
    }

    @Test
    void tellsInTheProtocolThatTheUpstreamIsDown() throws Exception {
        seat.configMap.put("route.orders-db.login-deadline", "200ms");
        seat.configMap.put("route.orders-db.upstream", "localhost:1");
        seat.change();
        PSQLException refused = assertThrows(PSQLException.class, () -> seat.connect());
        assertEquals("08006", refused.getSQLState());
        assertTrue(refused.getMessage().contains("localhost:1"), refused.getMessage());
    }

    @Test
    void keepsOpenSessionsThroughAChange() throws Exception {
        try (Connection connection = seat.connect()) {
            InetSocketAddress before = seat.address("orders-db");
            seat.configMap.put("route.orders-db.max-sessions", "7");
            seat.change();
            assertEquals("1", text(connection, "select 1"));
            assertEquals(before, seat.address("orders-db"));
            seat.configMap.keySet().removeIf(key -> key.startsWith("route.orders-db."));
            seat.secret.keySet().removeIf(key -> key.startsWith("route.orders-db."));
            seat.lay();
            await(() -> seat.ambassador().listeners().address("orders-db").isEmpty());
            assertEquals("1", text(connection, "select 1"));
        }
    }

    @Test
    void keepsServingWhenABadConfigurationIsLaidDown() throws Exception {
        seat.configMap.put("route.orders-db.upstream", "db:");
        seat.configMap.put("route.orders-db.protocol", "postgres");
        seat.lay();
        await(() -> !seat.ambassador().routes().state().mistakes().isEmpty());
        assertEquals(
                List.of(
                        new Mistake(
                                "route.orders-db.upstream", "db:", "has no port; write host:port")),
                seat.ambassador().routes().state().mistakes());
        try (Connection connection = seat.connect()) {
            assertEquals("1", text(connection, "select 1"));
        }
    }

    @Test
    void refusesMoreSessionsThanAllowed() throws Exception {
        seat.configMap.put("route.orders-db.max-sessions", "1");
        seat.change();
        try (Connection connection = seat.connect()) {
            PSQLException refused = assertThrows(PSQLException.class, () -> seat.connect());
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
}
