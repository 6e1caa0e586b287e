package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.pillion.launcher.process.FreePort;
import dev.pillion.launcher.process.RunningProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The process among others: who holds its admin socket, where its upstream is, how it ends. */
class ProcessIT extends ShippedAmbassador {

    /** {@code server.max-tcp-connections}. */
    private static final int ADMIN_CONNECTIONS = 64;

    ProcessIT() throws IOException {}

    /** Whoever reaches the admin socket must not reach the sessions by it. */
    @Test
    void servesSessionsWhileItsAdminSocketIsHeldByClientsThatNeverAsk() throws Exception {
        List<Socket> never = new ArrayList<>();
        try (Connection connection = connect();
                Socket waits = new Socket()) {
            for (int i = 0; i < ADMIN_CONNECTIONS; i++) {
                Socket socket = new Socket("localhost", admin);
                never.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream().write("GET / HTTP/1.1\r\nX: ".getBytes(US_ASCII));
                }
            }
            waits.connect(new InetSocketAddress("localhost", admin));
            waits.getOutputStream()
                    .write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            waits.setSoTimeout(500);
            assertThrows(SocketTimeoutException.class, () -> waits.getInputStream().read());
            assertTrue(connection.isValid(10));
            connect().close();
            // server.idle-connection-timeout ends all of them.
            waits.setSoTimeout(60_000);
            assertEquals('H', waits.getInputStream().read());
            for (Socket socket : never) {
                socket.setSoTimeout(60_000);
                assertEquals(-1, socket.getInputStream().read());
            }
        } finally {
            for (Socket socket : never) {
                socket.close();
            }
        }
    }

    /** The name is in a file here; the JDK keeps an answer for as long as one of the DNS. */
    @Test
    void asksForTheAddressOfTheUpstreamAnew() throws Exception {
        database("127.0.0.9");
        try (ExecutorService application = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Connection> held;
            try (ServerSocket old =
                    new ServerSocket(server.port(), 9, InetAddress.getByName("127.0.0.9"))) {
                old.setSoTimeout(20_000);
                held = application.submit(this::connect);
                Socket there = old.accept();
                database("127.0.0.1");
                there.close();
            }
            held.get().close();
        }
    }

    @Test
    void endsWithZeroWhenItIsTold() throws Exception {
        try (Connection connection = connect()) {
            // It lives as long as its transaction: nobody has to be quick to see the end begin.
            connection.setAutoCommit(false);
            connection.createStatement().execute("select 1");
            new RunningProcess(ambassador.pid()).signal("TERM");
            await(() -> ready() == 503);
            connection.commit();
            // The driver writes twice to begin another, and hears only of the broken pipe.
            connection.setAutoCommit(true);
            assertTrue(ambassador.waitFor(30, TimeUnit.SECONDS), said());
            assertEquals(0, ambassador.exitValue(), said());
            SQLException ended =
                    assertThrows(
                            SQLException.class,
                            () -> connection.createStatement().execute("select 1"));
            assertEquals("57P01", ended.getSQLState());
            assertTrue(said().contains("ended=drained"), said());
        }
    }

    /** A pod that is taken back while it starts. */
    @Test
    void endsWithZeroWhenItIsToldBeforeItIsReady() throws Exception {
        for (String reached : List.of("routes", "admin")) {
            ambassador.destroyForcibly().waitFor();
            launch();
            await(() -> accepts(reached.equals("routes") ? port : admin));
            new RunningProcess(ambassador.pid()).signal("TERM");
            assertTrue(ambassador.waitFor(30, TimeUnit.SECONDS), reached + "\n" + said());
            assertEquals(0, ambassador.exitValue(), reached + "\n" + said());
        }
    }

    private static boolean accepts(int port) {
        try {
            new Socket("localhost", port).close();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Nothing of it may touch the process that serves. */
    @Test
    void saysInALineEachWhatIsWrongWithItsCommandLine() throws Exception {
        assertSays(2, "ambassador-proxy: 'docter' is not known; see --help\n", List.of(), "docter");
        assertSays(
                2,
                "ambassador-proxy: 'doctor db' is not known; see --help\n",
                List.of(),
                "doctor",
                "db");
        assertSays(
                2,
                """
                ambassador.relay-threads: '0' is not a whole number from 1 to 64; write one
                ambassador.drain-grace: 'soon' is not a duration; write for example 10s
                ambassador.drain: is not known; see --help
                """,
                List.of(
                        "-Dambassador.relay-threads=0",
                        "-Dambassador.drain-grace=soon",
                        "-Dambassador.drain=1s"));
        assertSays(
                1,
                "ambassador-proxy: cannot start: server.port: '"
                        + admin
                        + "' cannot be bound (Address already in use); stop what uses the port, or"
                        + " set server.port to another\n",
                List.of("-Dserver.port=" + admin));
        assertSays(
                2,
                isTaken("db", port) + isTaken("partner", partner),
                List.of("-Dserver.port=" + FreePort.choose()));
        int same = FreePort.choose();
        assertSays(
                2,
                "route.db.listen: '127.0.0.1:"
                        + same
                        + "' is the admin socket's server.port; choose another\n",
                List.of("-Dserver.port=" + same, "-Droute.db.listen=" + same));
        assertTrue(ambassador.isAlive(), said());
    }

    private static String isTaken(String route, int port) {
        return "route."
                + route
                + ".listen: '127.0.0.1:"
                + port
                + "' cannot be bound (Address already in use); stop what uses the port, or choose"
                + " another\n";
    }

    private void assertSays(int exit, String words, List<String> options, String... arguments)
            throws Exception {
        assertEquals(
                new Program.Result(exit, words),
                Program.run(Map.of(), "", command(options, List.of(arguments))));
    }
}
