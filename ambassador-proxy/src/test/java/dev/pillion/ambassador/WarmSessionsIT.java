package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.settings.ProcessSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Upstream sessions that wait, at a server that tells its sessions apart. */
class WarmSessionsIT {

    private static final int CANCEL_REQUEST = 80877102;

    @TempDir Path folder;

    private final NumberingServer server = new NumberingServer();
    private final List<AutoCloseable> clients = new ArrayList<>();
    private Ambassador ambassador;

    WarmSessionsIT() throws IOException {}

    @BeforeEach
    void route() throws IOException {
        key("protocol", "postgres");
        key("listen", "127.0.0.1:0");
        key("upstream", "127.0.0.1:" + server.port());
        key("tls", "disable");
        key("user", "real");
        key("password", "secret");
        key("database", "orders");
        key("warm-sessions", "4");
        key("login-deadline", "5s");
        key("circuit-pause", "100ms");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        ambassador.close();
        server.close();
    }

    @Test
    void handsEachOutOnce() throws Exception {
        begin();
        Set<Integer> seen = new HashSet<>();
        try (ExecutorService applications = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> numbers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                numbers.add(
                        applications.submit(
                                () -> {
                                    int last = 0;
                                    for (int times = 0; times < 25; times++) {
                                        try (Client client = new Client("user", "legacy")) {
                                            last = client.number();
                                            synchronized (seen) {
                                                assertTrue(seen.add(last), "twice: " + last);
                                            }
                                            assertEquals(last, client.ask());
                                        }
                                    }
                                    return last;
                                }));
            }
            for (Future<Integer> number : numbers) {
                number.get();
            }
        }
        assertEquals(8 * 25, seen.size());
        assertTrue(counts().warmTakenTotal.sum() > 0);
        assertEquals(0, counts().warmDiscardedTotal.sum());
    }

    @Test
    void keepsNoMoreThanTheRouteSays() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        for (String name : List.of("a", "b", "c", "d", "e", "f")) {
            connect("user", "legacy", "application_name", name);
        }
        // Seven clients and, when all that is surplus has left, four that wait.
        await(() -> counts().warmOpen.sum() == 4 && server.open() == 7 + 4);
        closeClients();
        await(() -> server.open() == 4);
    }

    @Test
    void givesAParameterThatDiffersItsOwn() throws Exception {
        begin();
        connect("user", "legacy", "application_name", "desk");
        await(() -> counts().warmOpen.sum() == 4);
        Client report = connect("user", "legacy", "application_name", "report");
        assertEquals(
                "196608 application_name=report database=orders user=real",
                server.startups.get(report.number()));
        assertEquals(0, counts().warmTakenTotal.sum());
        await(() -> waitingFor("application_name=report") == 2);
        assertEquals(2, waitingFor("application_name=desk"));
        // Neither the application's own user nor the order of its words matters upstream.
        Client desk = connect("application_name", "desk", "user", "other");
        assertEquals(
                "196608 application_name=desk database=orders user=real",
                server.startups.get(desk.number()));
        assertEquals(1, counts().warmTakenTotal.sum());
        Client newer = new Client(196610, "user", "legacy", "application_name", "desk");
        clients.add(newer);
        assertEquals(
                "196610 application_name=desk database=orders user=real",
                server.startups.get(newer.number()));
    }

    @Test
    void discardsTheDead() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        server.killAllBut(1);
        Client client = connect("user", "legacy");
        assertEquals(client.number(), client.ask());
        assertTrue(client.number() > 5, "session " + client.number());
        assertEquals(4, counts().warmDiscardedTotal.sum());
        assertEquals(0, counts().failures().size(), counts().failures().toString());
    }

    @Test
    void asksAHostThatFellSilentOnlyOnce() throws Exception {
        key("connect-timeout", "400ms");
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        server.silenceAllUpTo(5);
        long begun = System.nanoTime();
        Client client = connect("user", "legacy");
        assertTrue(client.number() > 5, "session " + client.number());
        assertTrue(
                System.nanoTime() - begun < 2 * 400_000_000L,
                "took " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertEquals(4, counts().warmDiscardedTotal.sum());
    }

    @Test
    void tellsTheClientWhatHasChangedMeanwhile() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        server.reported.put("TimeZone", "Europe/Paris");
        Client client = connect("user", "legacy");
        assertEquals(1, counts().warmTakenTotal.sum());
        assertEquals("Europe/Paris", client.parameters.get("TimeZone"));
        assertEquals("RSSSKZ", client.types.toString());
    }

    @Test
    void doesNotTakeOneWhoseServerChangedItsRole() throws Exception {
        key("target", "primary");
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        server.standbyAllUpTo(5);
        Client client = connect("user", "legacy");
        assertTrue(client.number() > 5, "session " + client.number());
        assertEquals(4, counts().warmDiscardedTotal.sum());
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
    }

    @Test
    void discardsThemWhenThePasswordIsRotated() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        key("password", "rotated");
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
        assertEquals(0, counts().warmOpen.sum());
        assertTrue(connect("user", "legacy").number() > 5);
        await(() -> counts().warmOpen.sum() == 4);
        Files.delete(folder.resolve("route.db.warm-sessions"));
        await(() -> counts().warmOpen.sum() == 0 && server.open() == 2);
    }

    @Test
    void leavesWhatNobodyAsksForAnyMore() throws Exception {
        key("warm-idle-limit", "500ms");
        begin();
        connect("user", "legacy");
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
        await(() -> counts().warmOpen.sum() == 0 && server.open() == 1);
    }

    @Test
    void cancelsTheVerySessionThatWasTaken() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        Client client = connect("user", "legacy");
        assertEquals(1, counts().warmTakenTotal.sum());
        try (Socket canceller = socket()) {
            canceller
                    .getOutputStream()
                    .write(
                            ByteBuffer.allocate(16)
                                    .putInt(16)
                                    .putInt(CANCEL_REQUEST)
                                    .put(client.backendKey)
                                    .array());
            assertEquals(-1, canceller.getInputStream().read());
        }
        assertEquals(client.number(), server.cancels.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void keepsNoneForReplication() throws Exception {
        begin();
        connect("user", "legacy", "replication", "database");
        connect("user", "legacy");
        await(() -> counts().warmOpen.sum() == 4);
        assertEquals(0, waitingFor("replication"));
    }

    @Test
    void isNobodysTroubleWhenTheServerHasNoRoom() throws Exception {
        begin();
        server.room = 1;
        Client client = connect("user", "legacy");
        await(() -> counts().failures().containsKey("warm_session"));
        assertEquals(1, client.ask());
        assertEquals(Set.of("warm_session"), counts().failures().keySet());
        server.room = Integer.MAX_VALUE;
        // Once the pause is over, the next client's wish is heard.
        await(
                () -> {
                    connect("user", "legacy");
                    return counts().warmTakenTotal.sum() > 0;
                });
    }

    @Test
    void leavesThemWhenItStops() throws Exception {
        begin();
        connect("user", "legacy").close();
        await(() -> counts().warmOpen.sum() == 4);
        ambassador.close();
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
        assertNotEquals(0, server.startups.size());
    }

    private Client connect(String... parameters) {
        try {
            Client client = new Client(196608, parameters);
            clients.add(client);
            return client;
        } catch (IOException refused) {
            throw new AssertionError(refused);
        }
    }

    private void closeClients() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        clients.clear();
    }

    private long waitingFor(String word) {
        return server.startups.entrySet().stream()
                        .filter(startup -> startup.getValue().contains(word))
                        .filter(startup -> server.isOpen(startup.getKey()))
                        .count()
                - clients.stream()
                        .map(Client.class::cast)
                        .filter(client -> server.startups.get(client.number()).contains(word))
                        .count();
    }

    private RouteStatistics counts() {
        return ambassador.statistics().of("db");
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
                                Duration.ofMillis(100),
                                1,
                                Duration.ofMillis(1),
                                Duration.ofMillis(100),
                                0));
        assertEquals(List.of(), ambassador.start());
    }

    private Socket socket() throws IOException {
        Socket socket =
                new Socket(
                        InetAddress.getLoopbackAddress(),
                        ambassador.listeners().address("db").orElseThrow().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within 10 s");
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    /** Logged in; knows which of the server's sessions it has. */
    private final class Client implements AutoCloseable {

        final Map<String, String> parameters = new TreeMap<>();
        final StringBuilder types = new StringBuilder();
        byte[] backendKey = new byte[0];
        private final Socket socket = socket();
        private final DataInputStream in = new DataInputStream(socket.getInputStream());

        Client(String... words) throws IOException {
            this(196608, words);
        }

        Client(int version, String... words) throws IOException {
            byte[] text = (String.join("\0", words) + "\0\0").getBytes(ISO_8859_1);
            socket.getOutputStream()
                    .write(
                            ByteBuffer.allocate(8 + text.length)
                                    .putInt(8 + text.length)
                                    .putInt(version)
                                    .put(text)
                                    .array());
            char type;
            do {
                type = (char) in.readUnsignedByte();
                byte[] body = in.readNBytes(in.readInt() - 4);
                types.append(type);
                switch (type) {
                    case 'S' -> {
                        String[] status = new String(body, ISO_8859_1).split("\0", -1);
                        parameters.put(status[0], status[1]);
                    }
                    case 'K' -> backendKey = body;
                    case 'E' -> throw new IOException(new String(body, ISO_8859_1));
                    default -> {}
                }
            } while (type != 'Z');
        }

        /** As the server's welcome says. */
        int number() {
            return Integer.parseInt(parameters.get("session"));
        }

        /** As the server says when asked in the session. */
        int ask() throws IOException {
            socket.getOutputStream().write(new byte[] {'Q', 0, 0, 0, 5, 0});
            assertEquals('D', in.readUnsignedByte());
            assertEquals(8, in.readInt());
            int number = in.readInt();
            assertEquals('Z', in.readUnsignedByte());
            in.readNBytes(5);
            return number;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /**
     * Lets everybody in and numbers its sessions from 1: the number is process id and parameter.
     */
    private static final class NumberingServer implements AutoCloseable {

        final Map<Integer, String> startups = new ConcurrentSkipListMap<>();
        final Set<Integer> left = java.util.concurrent.ConcurrentHashMap.newKeySet();
        final BlockingQueue<Integer> cancels = new LinkedBlockingQueue<>();

        /** Said before the next answer of each session, and by new ones in their welcome. */
        final Map<String, String> reported = new ConcurrentSkipListMap<>();

        volatile int room = Integer.MAX_VALUE;
        private final Map<Integer, Socket> sessions = new ConcurrentSkipListMap<>();
        private final AtomicInteger count = new AtomicInteger();
        private final ServerSocket server =
                new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private volatile int silent;
        private volatile int standby;

        NumberingServer() throws IOException {
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        int open() {
            return sessions.size();
        }

        boolean isOpen(int number) {
            return sessions.containsKey(number);
        }

        void killAllBut(int survivor) throws IOException {
            for (Map.Entry<Integer, Socket> session : sessions.entrySet()) {
                if (session.getKey() != survivor) {
                    session.getValue().close();
                }
            }
        }

        void silenceAllUpTo(int number) {
            silent = number;
        }

        void standbyAllUpTo(int number) {
            standby = number;
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
            int number = 0;
            try (socket) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                int length = in.readInt();
                byte[] packet = in.readNBytes(length - 4);
                ByteBuffer body = ByteBuffer.wrap(packet);
                int code = body.getInt();
                if (code == CANCEL_REQUEST) {
                    cancels.add(body.getInt());
                    return;
                }
                if (sessions.size() >= room) {
                    out.write(
                            message(
                                    'E',
                                    "SFATAL\0VFATAL\0C53300\0Mno room\0\0".getBytes(ISO_8859_1)));
                    return;
                }
                number = count.incrementAndGet();
                sessions.put(number, socket);
                startups.put(number, startup(code, packet));
                ByteArrayOutputStream welcome = new ByteArrayOutputStream();
                welcome.writeBytes(message('R', new byte[4]));
                welcome.writeBytes(status("session", String.valueOf(number)));
                welcome.writeBytes(status("in_hot_standby", "off"));
                welcome.writeBytes(status("TimeZone", "Etc/UTC"));
                welcome.writeBytes(
                        message('K', ByteBuffer.allocate(8).putInt(number).putInt(4711).array()));
                welcome.writeBytes(message('Z', new byte[] {'I'}));
                out.write(welcome.toByteArray());
                while (true) {
                    int type = in.read();
                    if (type < 0) {
                        return;
                    }
                    in.readNBytes(in.readInt() - 4);
                    if (type == 'X') {
                        left.add(number);
                        return;
                    }
                    if (number > silent) {
                        ByteArrayOutputStream answer = new ByteArrayOutputStream();
                        reported.forEach((name, value) -> answer.writeBytes(status(name, value)));
                        if (number <= standby) {
                            answer.writeBytes(status("in_hot_standby", "on"));
                        }
                        if (type == 'Q') {
                            answer.writeBytes(
                                    message('D', ByteBuffer.allocate(4).putInt(number).array()));
                        }
                        answer.writeBytes(message('Z', new byte[] {'I'}));
                        out.write(answer.toByteArray());
                    }
                }
            } catch (IOException ended) {
                // killed, or the test is over
            } finally {
                sessions.remove(number);
            }
        }

        private static String startup(int code, byte[] packet) {
            String[] words = new String(packet, ISO_8859_1).substring(4).split("\0", -1);
            Map<String, String> sorted = new TreeMap<>();
            for (int i = 0; i + 1 < words.length && !words[i].isEmpty(); i += 2) {
                sorted.put(words[i], words[i + 1]);
            }
            StringBuilder text = new StringBuilder().append(code);
            sorted.forEach(
                    (name, value) -> text.append(' ').append(name).append('=').append(value));
            return text.toString();
        }

        private static byte[] status(String name, String value) {
            return message('S', (name + "\0" + value + "\0").getBytes(ISO_8859_1));
        }

        private static byte[] message(char type, byte[] body) {
            return ByteBuffer.allocate(5 + body.length)
                    .put((byte) type)
                    .putInt(4 + body.length)
                    .put(body)
                    .array();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket session : sessions.values()) {
                session.close();
            }
        }
    }
}
