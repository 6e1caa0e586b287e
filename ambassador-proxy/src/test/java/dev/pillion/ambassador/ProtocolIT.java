package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.ambassador.settings.ProcessSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the wire demands, byte by byte, between a hand-made client and scripted servers. */
class ProtocolIT {

    private static final int SSL_REQUEST = 80877103;
    private static final int GSSENC_REQUEST = 80877104;
    private static final int CANCEL_REQUEST = 80877102;

    @TempDir Path folder;

    private final ScriptedServer primary = new ScriptedServer("off");
    private final ScriptedServer standby = new ScriptedServer("on");
    private Ambassador ambassador;

    ProtocolIT() throws IOException {}

    @BeforeEach
    void start() throws IOException {
        key("protocol", "postgres");
        key("listen", "127.0.0.1:0");
        key("upstream", "127.0.0.1:" + standby.port() + ",127.0.0.1:" + primary.port());
        key("tls", "disable");
        key("user", "real");
        key("password", "secret");
        key("login-deadline", "500ms");
    }

    @AfterEach
    void stop() throws IOException {
        if (ambassador != null) {
            ambassador.close();
        }
        primary.close();
        standby.close();
    }

    @Test
    void replacesTheUserAndKeepsEverythingElse() throws Exception {
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy", "options", "-c work_mem=1MB", "x.y", "z");
            assertEquals("ZI", client.readUntil('Z'));
        }
        assertEquals(
                "196608 user=real database=legacy options=-c work_mem=1MB x.y=z",
                standby.startups.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void findsThePrimaryAmongTheHosts() throws Exception {
        key("target", "primary");
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
        assertEquals("X", standby.messages.poll(5, TimeUnit.SECONDS), "left politely");
        assertTrue(primary.startups.poll(5, TimeUnit.SECONDS).startsWith("196608 user=real"));
    }

    @Test
    void prefersAStandbyButTakesAPrimary() throws Exception {
        key("target", "prefer-standby");
        key("upstream", "127.0.0.1:" + primary.port() + ",127.0.0.1:1");
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
    }

    @Test
    void saysThatThereIsNoPrimaryAndThenSaysItAtOnce() throws Exception {
        key("target", "primary");
        key("upstream", "127.0.0.1:" + standby.port());
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            assertTrue(client.readUntil('E').contains("C57P03"));
        }
        long begun = System.nanoTime();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            assertTrue(client.readUntil('E').contains("C57P03"));
        }
        assertTrue(System.nanoTime() - begun < 400_000_000L, "the circuit was not open");
        assertEquals(1, ambassador.statistics().of("db").failures().get("circuit_open").sum());
    }

    @Test
    void answersEncryptionRequestsOnceEvenByteByByte() throws Exception {
        begin();
        try (Client client = new Client()) {
            client.slowly(packet(GSSENC_REQUEST));
            assertEquals('N', client.in.read());
            client.slowly(packet(SSL_REQUEST));
            assertEquals('N', client.in.read());
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
        try (Client client = new Client()) {
            client.send(packet(SSL_REQUEST));
            assertEquals('N', client.in.read());
            client.send(packet(SSL_REQUEST));
            assertTrue(client.readUntil('E').contains("C08P01"));
        }
    }

    @Test
    void negotiatesANewerProtocolOnceAndBeforeTheLogin() throws Exception {
        begin();
        try (Client client = new Client()) {
            client.startup((3 << 16) + 9999, "user", "legacy", "_pq_.grease", "1");
            String all = client.readAllUntil('Z');
            assertTrue(all.startsWith("vR"), all);
            assertEquals(1, all.chars().filter(c -> c == 'v').count(), all);
            assertEquals(4 + 32, client.backendKey.length);
        }
        assertEquals(
                "196610 user=real database=legacy", standby.startups.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void speaksTheOlderProtocolWhereTheServerDoes() throws Exception {
        standby.older = true;
        begin();
        try (Client client = new Client()) {
            client.startup((3 << 16) + 2, "user", "legacy");
            String all = client.readAllUntil('Z');
            assertTrue(all.startsWith("vR"), all);
            assertEquals(1, all.chars().filter(c -> c == 'v').count(), all);
            assertEquals(4 + 4, client.backendKey.length);
        }
    }

    @Test
    void waitsForAStartupAsLongAsItIsTold() throws Exception {
        key("startup-timeout", "300ms");
        begin();
        try (Client silent = new Client();
                Client slow = new Client()) {
            slow.send(new byte[] {0, 0, 0});
            assertEquals(-1, silent.in.read());
            assertEquals(-1, slow.in.read());
        }
        await(() -> ambassador.statistics().of("db").sessionsOpen.sum() == 0);
    }

    @Test
    void answersALoginThatIsHeldWhenItStops() throws Exception {
        key("upstream", "127.0.0.1:1");
        key("login-deadline", "30s");
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            await(() -> ambassador.statistics().of("db").sessionsOpen.sum() == 1);
            ambassador.close();
            String error = client.readUntil('E');
            assertTrue(error.contains("C57P03") && error.contains("shutting down"), error);
        }
    }

    @Test
    void closesSilentlyOnAnUnknownCancelKey() throws Exception {
        begin();
        try (Client client = new Client()) {
            ByteBuffer cancel = ByteBuffer.allocate(16).putInt(16).putInt(CANCEL_REQUEST);
            client.send(cancel.putInt(1).putInt(2).array());
            assertEquals(-1, client.in.read());
        }
    }

    @Test
    void carriesTheCancelRequestWithTheServersOwnKey() throws Exception {
        begin();
        Client gone = new Client();
        gone.startup(196608, "user", "legacy");
        gone.readAllUntil('Z');
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            String all = client.readAllUntil('Z');
            assertTrue(all.contains("K"), all);
            // Both have process id 77, as sessions of two servers may.
            assertEquals(77, ByteBuffer.wrap(client.backendKey).getInt());
            assertFalse(Arrays.equals(gone.backendKey, client.backendKey));
            gone.close();
            await(() -> ambassador.statistics().of("db").sessionsOpen.sum() == 1);
            try (Client canceller = new Client()) {
                canceller.send(
                        ByteBuffer.allocate(16)
                                .putInt(16)
                                .putInt(CANCEL_REQUEST)
                                .put(client.backendKey)
                                .array());
                assertEquals(-1, canceller.in.read());
            }
            assertEquals("77 k", standby.cancels.poll(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void tellsTheClientWhenTheUpstreamDies() throws Exception {
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            client.readUntil('Z');
            standby.dropSessions();
            String error = client.readUntil('E');
            assertTrue(error.contains("SFATAL") && error.contains("VFATAL"), error);
            assertTrue(error.contains("C08006"), error);
            assertEquals(-1, client.in.read());
        }
    }

    /** As when its node lost power: no packet comes back. */
    @Test
    void noticesAnUpstreamThatVanishedWhileTheSessionIsIdle() throws Exception {
        key("keep-alive-idle", "1s");
        key("keep-alive-interval", "1s");
        key("keep-alive-count", "2");
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            client.readUntil('Z');
            assumeTrue(
                    dropPackets("-I"),
                    "iptables, and the right to use it, are needed to make a host vanish");
            try {
                assertTrue(client.readUntil('E').contains("C08006"));
            } finally {
                assertTrue(dropPackets("-D"), "the rule could not be removed");
            }
            assertEquals(-1, client.in.read());
        }
        assertEquals(1, ambassador.statistics().of("db").failures().get("upstream_lost").sum());
    }

    private boolean dropPackets(String command) throws InterruptedException {
        String rule = " INPUT -i lo -p tcp -j DROP --sport " + standby.port();
        try {
            return new ProcessBuilder(("iptables -w " + command + rule).split(" ", -1))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    @Test
    void carriesAHalfCloseAndTheAnswerAfterIt() throws Exception {
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            client.readUntil('Z');
            client.send(new byte[] {'Q', 0, 0, 0, 5, 0});
            client.socket.shutdownOutput();
            assertEquals("END", standby.messages.poll(5, TimeUnit.SECONDS).replace("Q", "END"));
            standby.answer();
            assertEquals("ZI", client.readUntil('Z'));
        }
    }

    @Test
    void endsAHalfClosedSessionThatSaysNothingMore() throws Exception {
        key("half-close-timeout", "300ms");
        begin();
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            client.readUntil('Z');
            client.socket.shutdownOutput();
            // The server would stay for longer.
            assertEquals(-1, client.in.read());
        }
        await(() -> ambassador.statistics().of("db").sessionsOpen.sum() == 0);
    }

    @Test
    void cancelsTheStatementOfAnApplicationThatVanished() throws Exception {
        begin();
        Client client = new Client();
        client.startup(196608, "user", "legacy");
        client.readUntil('Z');
        client.send(new byte[] {'Q', 0, 0, 0, 5, 0});
        assertEquals("Q", standby.messages.poll(5, TimeUnit.SECONDS));
        client.close();
        assertEquals("77 k", standby.cancels.poll(10, TimeUnit.SECONDS));
        assertEquals(1, ambassador.statistics().of("db").abandonedTotal.sum());
    }

    @Test
    void refusesLengthsWithoutBelievingThem() throws Exception {
        begin();
        for (int length : new int[] {0, 7, 10_001, Integer.MAX_VALUE, -1}) {
            try (Client client = new Client()) {
                client.send(ByteBuffer.allocate(8).putInt(length).putInt(196608).array());
                assertTrue(client.readUntil('E').contains("C08P01"), "length " + length);
            }
        }
    }

    @Test
    void survivesWhateverIsSentToIt() throws Exception {
        key("startup-timeout", "2s");
        begin();
        Random random = new Random(20261122);
        ByteArrayOutputStream good = new ByteArrayOutputStream();
        good.writeBytes(packet(SSL_REQUEST));
        good.writeBytes(startupPacket(196608, "user", "legacy", "database", "orders"));
        good.writeBytes(new byte[] {'Q', 0, 0, 0, 5, 0, 'X', 0, 0, 0, 4});
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 190; i++) {
                byte[] bytes = good.toByteArray();
                for (int change = random.nextInt(1, 8); change > 0; change--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                clients.execute(() -> sendAndReadToTheEnd(bytes));
            }
        }
        await(() -> ambassador.statistics().of("db").sessionsOpen.sum() == 0);
        try (Client client = new Client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
    }

    private void sendAndReadToTheEnd(byte[] bytes) {
        try (Client client = new Client()) {
            client.send(bytes);
            client.socket.shutdownOutput();
            client.in.readAllBytes();
        } catch (IOException reset) {
            // it may close on us; it must not stay
        }
    }

    private void key(String key, String value) throws IOException {
        Files.writeString(folder.resolve("route.db." + key), value);
    }

    private void begin() throws IOException {
        ambassador =
                new Ambassador(
                        new ProcessSettings(
                                folder,
                                folder.resolve("none"),
                                Duration.ofSeconds(1),
                                1,
                                Duration.ofMillis(1),
                                Duration.ofMillis(100),
                                0));
        assertEquals(List.of(), ambassador.start());
    }

    private static byte[] packet(int code) {
        return ByteBuffer.allocate(8).putInt(8).putInt(code).array();
    }

    private static byte[] startupPacket(int version, String... parameters) {
        byte[] text =
                (String.join("\0", parameters) + "\0\0").getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + text.length)
                .putInt(8 + text.length)
                .putInt(version)
                .put(text)
                .array();
    }

    private interface Condition {
        boolean met();
    }

    private static void await(Condition condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.met()) {
            assertTrue(System.nanoTime() < end, "not within 10 s");
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    /** A client that speaks raw bytes. */
    private final class Client implements AutoCloseable {

        final Socket socket;
        final DataInputStream in;
        byte[] backendKey = new byte[0];

        Client() throws IOException {
            socket =
                    new Socket(
                            InetAddress.getLoopbackAddress(),
                            ambassador.listeners().address("db").orElseThrow().getPort());
            socket.setSoTimeout(10_000);
            in = new DataInputStream(socket.getInputStream());
        }

        void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        void slowly(byte[] bytes) throws IOException {
            socket.setTcpNoDelay(true);
            for (byte one : bytes) {
                send(new byte[] {one});
            }
        }

        void startup(int version, String... parameters) throws IOException {
            send(startupPacket(version, parameters));
        }

        /** Type and body of the first message of that type. */
        String readUntil(char type) throws IOException {
            while (true) {
                char next = (char) in.readUnsignedByte();
                byte[] body = in.readNBytes(in.readInt() - 4);
                if (next == type) {
                    return next + new String(body, StandardCharsets.UTF_8);
                }
            }
        }

        /** The types of all messages up to that one. */
        String readAllUntil(char type) throws IOException {
            StringBuilder types = new StringBuilder();
            while (true) {
                char next = (char) in.readUnsignedByte();
                byte[] body = in.readNBytes(in.readInt() - 4);
                types.append(next);
                if (next == 'K') {
                    backendKey = body;
                }
                if (next == type) {
                    return types.toString();
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A server that lets everybody in, notes what it gets, and answers when told. */
    private static final class ScriptedServer implements AutoCloseable {

        final BlockingQueue<String> startups = new LinkedBlockingQueue<>();
        final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<String> cancels = new LinkedBlockingQueue<>();
        private final BlockingQueue<Socket> sessions = new LinkedBlockingQueue<>();
        private final ServerSocket server;
        private final String inHotStandby;

        /** As before PostgreSQL 18, where 3.0 is all there is. */
        volatile boolean older;

        ScriptedServer(String inHotStandby) throws IOException {
            this.inHotStandby = inHotStandby;
            this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        void dropSessions() throws IOException {
            Socket session = sessions.poll();
            while (session != null) {
                session.close();
                session = sessions.poll();
            }
        }

        void answer() throws IOException {
            for (Socket session : sessions) {
                if (!session.isClosed()) {
                    session.getOutputStream().write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
                }
            }
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                int length = in.readInt();
                ByteBuffer body = ByteBuffer.wrap(in.readNBytes(length - 4));
                int code = body.getInt();
                if (code == CANCEL_REQUEST) {
                    cancels.add(body.getInt() + " " + (char) body.get());
                    return;
                }
                String[] parts =
                        new String(body.array(), 4, length - 10, StandardCharsets.ISO_8859_1)
                                .split("\0", -1);
                StringBuilder startup = new StringBuilder().append(code);
                for (int i = 0; i + 1 < parts.length; i += 2) {
                    startup.append(' ').append(parts[i]).append('=').append(parts[i + 1]);
                }
                startups.add(startup.toString());
                ByteArrayOutputStream welcome = new ByteArrayOutputStream();
                if (older) {
                    welcome.writeBytes(new byte[] {'v', 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0});
                }
                welcome.writeBytes(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
                byte[] status =
                        ("in_hot_standby\0" + inHotStandby + "\0")
                                .getBytes(StandardCharsets.US_ASCII);
                welcome.writeBytes(
                        ByteBuffer.allocate(5 + status.length)
                                .put((byte) 'S')
                                .putInt(4 + status.length)
                                .put(status)
                                .array());
                welcome.writeBytes(new byte[] {'K', 0, 0, 0, 12, 0, 0, 0, 77, 'k', 'e', 'y', '1'});
                welcome.writeBytes(new byte[] {'Z', 0, 0, 0, 5, 'I'});
                sessions.add(socket);
                socket.getOutputStream().write(welcome.toByteArray());
                while (true) {
                    int type = in.read();
                    if (type < 0) {
                        // Half closed: what is answered now must still arrive.
                        LinkedBlockingQueue<String> never = new LinkedBlockingQueue<>();
                        never.poll(5, TimeUnit.SECONDS);
                        return;
                    }
                    in.readNBytes(in.readInt() - 4);
                    messages.add(String.valueOf((char) type));
                    if (type == 'X') {
                        return;
                    }
                }
            } catch (IOException | InterruptedException | RuntimeException ended) {
                // the test is over, or has sent nonsense on purpose
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            dropSessions();
        }
    }
}
