package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;
import dev.pillion.launcher.process.FreePort;
import dev.pillion.launcher.process.RunningProcess;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The program as it is shipped, in a process and a heap of its own. */
class ProcessIT {

    @TempDir static Path outside;
    @TempDir Path folder;

    private static final Login OWNER = new Login("orders_owner", "s3cret", "orders");

    /** PostgreSQL's MaxAllocSize is 1 GB less a byte, for the message as for the value. */
    private static final int VALUE_BYTES = (1 << 30) - 1024;

    private static final int CHUNK_BYTES = 1 << 16;

    private static final int SLOW_READERS = 60;

    /** {@code server.max-tcp-connections}. */
    private static final int ADMIN_CONNECTIONS = 64;

    /** What the image gives it. */
    private static final String HEAP = "-Xmx48m";

    private final int port = FreePort.choose();
    private final int partner = FreePort.choose();
    private final int admin = FreePort.choose();
    private static CertificateAuthority authority;
    private static PostgresServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private Process ambassador;

    ProcessIT() throws IOException {}

    @BeforeAll
    static void startTheServer() throws Exception {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        server =
                PostgresServer.prepare(
                        PostgresBinaries.unpack(Path.of("target/postgres")),
                        outside.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("database"));
        server.start();
    }

    @AfterAll
    static void stopTheServer() throws IOException {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        database("127.0.0.1");
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (Map.Entry<String, String> key :
                Map.of(
                                "protocol",
                                "postgres",
                                "listen",
                                "" + port,
                                "upstream",
                                "database:" + server.port(),
                                "tls.ca",
                                authority.certificatePem(),
                                "user",
                                OWNER.user(),
                                "password",
                                OWNER.password())
                        .entrySet()) {
            Files.writeString(routes.resolve("route.db." + key.getKey()), key.getValue());
        }
        Files.writeString(routes.resolve("route.partner.protocol"), "http");
        Files.writeString(routes.resolve("route.partner.listen"), "" + partner);
        Files.writeString(routes.resolve("route.partner.upstream"), "http://127.0.0.1:1");
        launch();
        await(
                () -> {
                    assertTrue(ambassador.isAlive(), said());
                    return ready() == 200;
                });
    }

    private void launch() throws IOException {
        ambassador =
                new ProcessBuilder(command(List.of(HEAP, "-Dserver.port=" + admin), List.of()))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile())
                        .start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        ambassador.destroyForcibly().waitFor();
    }

    @Test
    void carriesAMessageOfAGigabyteEachWayInTheHeapOfTheImage() throws Exception {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(60_000);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.write(startup());
            skipTo('Z', in);

            byte[] parse = "\0select $1::bytea\0\0\0".getBytes(US_ASCII);
            out.writeByte('P');
            out.writeInt(4 + parse.length);
            out.write(parse);
            // Bind: no names, all parameters binary, one of them, all results binary.
            out.writeByte('B');
            out.writeInt(4 + 2 + 2 + 2 + 2 + 4 + VALUE_BYTES + 2 + 2);
            out.write(new byte[] {0, 0, 0, 1, 0, 1, 0, 1});
            out.writeInt(VALUE_BYTES);
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int sent = 0; sent < VALUE_BYTES; sent += CHUNK_BYTES) {
                out.write(numbered(chunk, sent), 0, Math.min(CHUNK_BYTES, VALUE_BYTES - sent));
            }
            out.write(new byte[] {0, 1, 0, 1});
            out.write(new byte[] {'E', 0, 0, 0, 9, 0, 0, 0, 0, 0});
            out.write(new byte[] {'S', 0, 0, 0, 4});

            assertEquals(4 + 2 + 4 + VALUE_BYTES, skipTo('D', in));
            assertEquals(1, in.readShort());
            assertEquals(VALUE_BYTES, in.readInt());
            byte[] back = new byte[CHUNK_BYTES];
            for (int received = 0; received < VALUE_BYTES; received += CHUNK_BYTES) {
                int length = Math.min(CHUNK_BYTES, VALUE_BYTES - received);
                in.readFully(back, 0, length);
                assertTrue(
                        Arrays.equals(back, 0, length, numbered(chunk, received), 0, length),
                        "differs after " + received);
            }
            skipTo('Z', in);
        }
        assertTrue(ambassador.isAlive(), said());
        long most = mostResidentKilobytes();
        assertTrue(most < 256 << 10, most + " KB");
    }

    /** 60 × 50 MB are meant for clients that do not read: 60 times the heap. */
    @Test
    void keepsABufferForASlowReaderAndNoMore() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (Connection watching = connect()) {
            for (int i = 0; i < SLOW_READERS; i++) {
                Socket socket = new Socket("localhost", port);
                slow.add(socket);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                socket.getOutputStream().write(startup());
                skipTo('Z', in);
                byte[] query =
                        "select repeat('x', 1000) from generate_series(1, 50000)\0"
                                .getBytes(US_ASCII);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeByte('Q');
                out.writeInt(4 + query.length);
                out.write(query);
                skipTo('D', in);
            }
            await(() -> waitingToWrite(watching) == SLOW_READERS);
            assertTrue(ambassador.isAlive(), said());
            long most = mostResidentKilobytes();
            assertTrue(most < 256 << 10, most + " KB");
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

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

    private static int waitingToWrite(Connection watching) throws SQLException {
        try (ResultSet count =
                watching.createStatement()
                        .executeQuery(
                                "select count(*) from pg_stat_activity where wait_event ="
                                        + " 'ClientWrite'")) {
            assertTrue(count.next());
            return count.getInt(1);
        }
    }

    @Test
    void anIdleSessionKeepsNothingOfItsLogin() throws Exception {
        try (Connection one = connect();
                Connection other = connect()) {
            assertTrue(one.isValid(10) && other.isValid(10));
            // The threads of the logins may be a step behind their sessions.
            await(
                    () -> {
                        String objects = objects();
                        assertTrue(objects.contains("ambassador.relay.Session\n"), objects);
                        return !objects.contains("ambassador.connect.Wire\n")
                                && !objects.contains("ambassador.postgres.LoggedIn\n");
                    });
        }
    }

    /** A line for each class that has any, after a garbage collection. */
    private String objects() throws Exception {
        Program.Result objects =
                Program.run(
                        Map.of(),
                        "",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                ambassador.pid() + "",
                                "GC.class_histogram"));
        assertEquals(0, objects.exit(), objects.out());
        return objects.out();
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

    private void database(String address) throws IOException {
        Files.writeString(
                folder.resolve("hosts"), "127.0.0.1 localhost\n" + address + " database\n");
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

    /** The status of the readiness check; 0 if nobody answers. */
    private int ready() throws InterruptedException {
        URI check = URI.create("http://localhost:" + admin + "/health/ready");
        try {
            return client.send(
                            HttpRequest.newBuilder(check).timeout(Duration.ofSeconds(10)).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
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

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + port + "/orders?socketTimeout=20",
                "legacy",
                "legacy");
    }

    private static byte[] startup() {
        byte[] parameters = "user\0legacy\0database\0orders\0\0".getBytes(US_ASCII);
        return ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(3 << 16)
                .put(parameters)
                .array();
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

    private List<String> command(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dambassador.routes-directory=" + folder.resolve("routes"));
        command.add("-Dambassador.secrets-directory=" + folder.resolve("none"));
        command.add("-Dambassador.drain-idle=300ms");
        command.add("-Djdk.net.hosts.file=" + folder.resolve("hosts"));
        command.addAll(options);
        command.addAll(List.of("-jar", "target/ambassador-proxy.jar"));
        command.addAll(arguments);
        return command;
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("said"), UTF_8);
    }

    private long mostResidentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + ambassador.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Chunks differ, so that none can be lost, doubled or put elsewhere. */
    private static byte[] numbered(byte[] chunk, int number) {
        ByteBuffer.wrap(chunk).putInt(number);
        return chunk;
    }

    /** The length of the first message of that type; its body is still to be read, but for Z. */
    private static int skipTo(char type, DataInputStream in) throws IOException {
        while (true) {
            char next = (char) in.readUnsignedByte();
            int length = in.readInt();
            if (next == type && type != 'Z') {
                return length;
            }
            byte[] body = in.readNBytes(length - 4);
            assertTrue(next != 'E', () -> new String(body, UTF_8));
            if (next == type) {
                return length;
            }
        }
    }
}
