package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Upstream sessions that wait, at a server that tells its sessions apart. */
class WarmSessionsIT {

    @TempDir Path folder;

    private final NumberingServer server = new NumberingServer();
    private final List<AutoCloseable> clients = new ArrayList<>();
    private final Map<String, String> keys = new TreeMap<>();
    private OneRoute route;

    WarmSessionsIT() throws IOException {}

    @BeforeEach
    void keys() {
        keys.put("upstream", "127.0.0.1:" + server.port());
        keys.put("tls", "disable");
        keys.put("user", "real");
        keys.put("password", "secret");
        keys.put("database", "orders");
        keys.put("warm-sessions", "4");
        keys.put("circuit-pause", "100ms");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        route.close();
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
        assertTrue(route.counts().warmTakenTotal.sum() > 0);
        assertEquals(0, route.counts().warmDiscardedTotal.sum());
    }

    @Test
    void keepsNoMoreThanTheRouteSays() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        for (String name : List.of("a", "b", "c", "d", "e", "f")) {
            connect("user", "legacy", "application_name", name);
        }
        // Seven clients and, when all that is surplus has left, four that wait.
        await(() -> route.counts().warmOpen.sum() == 4 && server.open() == 7 + 4);
        closeClients();
        await(() -> server.open() == 4);
    }

    @Test
    void givesAParameterThatDiffersItsOwn() throws Exception {
        begin();
        connect("user", "legacy", "application_name", "desk");
        await(() -> route.counts().warmOpen.sum() == 4);
        Client report = connect("user", "legacy", "application_name", "report");
        assertEquals(
                "196608 application_name=report database=orders user=real",
                server.startups.get(report.number()));
        assertEquals(0, route.counts().warmTakenTotal.sum());
        await(
                () ->
                        waitingFor("application_name=report") == 2
                                && waitingFor("application_name=desk") == 2);
        // Neither the application's own user nor the order of its words matters upstream.
        Client desk = connect("application_name", "desk", "user", "other");
        assertEquals(
                "196608 application_name=desk database=orders user=real",
                server.startups.get(desk.number()));
        assertEquals(1, route.counts().warmTakenTotal.sum());
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
        await(() -> route.counts().warmOpen.sum() == 4);
        server.killAllBut(1);
        Client client = connect("user", "legacy");
        assertEquals(client.number(), client.ask());
        assertTrue(client.number() > 5, "session " + client.number());
        assertEquals(4, route.counts().warmDiscardedTotal.sum());
        assertEquals(0, route.counts().failures().size(), route.counts().failures().toString());
    }

    @Test
    void asksAHostThatFellSilentOnlyOnce() throws Exception {
        keys.put("connect-timeout", "2s");
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        server.silenceAllUpTo(5);
        long begun = System.nanoTime();
        Client client = connect("user", "legacy");
        assertTrue(client.number() > 5, "session " + client.number());
        assertTrue(
                System.nanoTime() - begun < 2 * 2_000_000_000L,
                "took " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertEquals(4, route.counts().warmDiscardedTotal.sum());
    }

    @Test
    void tellsTheClientWhatHasChangedMeanwhile() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        server.reported.put("TimeZone", "Europe/Paris");
        Client client = connect("user", "legacy");
        assertEquals(1, route.counts().warmTakenTotal.sum());
        assertEquals("Europe/Paris", client.parameters.get("TimeZone"));
        assertEquals("RSSSKZ", client.types.toString());
    }

    @Test
    void doesNotTakeOneWhoseServerChangedItsRole() throws Exception {
        keys.put("target", "primary");
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        server.standbyAllUpTo(5);
        Client client = connect("user", "legacy");
        assertTrue(client.number() > 5, "session " + client.number());
        assertEquals(4, route.counts().warmDiscardedTotal.sum());
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
    }

    @Test
    void discardsThemWhenThePasswordIsRotated() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        route.change("password", "rotated");
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
        assertEquals(0, route.counts().warmOpen.sum());
        assertTrue(connect("user", "legacy").number() > 5);
        await(() -> route.counts().warmOpen.sum() == 4);
        route.change("warm-sessions", "0");
        await(() -> route.counts().warmOpen.sum() == 0 && server.open() == 2);
    }

    @Test
    void leavesWhatNobodyAsksForAnyMore() throws Exception {
        keys.put("warm-idle-limit", "500ms");
        begin();
        connect("user", "legacy");
        await(() -> server.left.containsAll(Set.of(2, 3, 4, 5)));
        await(() -> route.counts().warmOpen.sum() == 0 && server.open() == 1);
    }

    @Test
    void cancelsTheVerySessionThatWasTaken() throws Exception {
        begin();
        connect("user", "legacy");
        await(() -> route.counts().warmOpen.sum() == 4);
        Client client = connect("user", "legacy");
        assertEquals(1, route.counts().warmTakenTotal.sum());
        try (Socket canceller = socket()) {
            canceller
                    .getOutputStream()
                    .write(
                            ByteBuffer.allocate(16)
                                    .putInt(16)
                                    .putInt(RawClient.CANCEL_REQUEST)
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
        await(() -> route.counts().warmOpen.sum() == 4);
        assertEquals(0, waitingFor("replication"));
    }

    @Test
    void isNobodysTroubleWhenTheServerHasNoRoom() throws Exception {
        begin();
        server.room = 1;
        Client client = connect("user", "legacy");
        await(() -> route.counts().failures().containsKey("warm_session"));
        assertEquals(1, client.ask());
        assertEquals(Set.of("warm_session"), route.counts().failures().keySet());
        server.room = Integer.MAX_VALUE;
        // Once the pause is over, the next client's wish is heard.
        await(
                () -> {
                    connect("user", "legacy");
                    return route.counts().warmTakenTotal.sum() > 0;
                });
    }

    @Test
    void leavesThemWhenItStops() throws Exception {
        begin();
        connect("user", "legacy").close();
        await(() -> route.counts().warmOpen.sum() == 4);
        route.close();
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

    private void begin() throws IOException {
        route = new OneRoute(folder, keys);
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), route.port());
        socket.setSoTimeout(10_000);
        return socket;
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
            socket.getOutputStream().write(RawClient.startupPacket(version, words));
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
}
