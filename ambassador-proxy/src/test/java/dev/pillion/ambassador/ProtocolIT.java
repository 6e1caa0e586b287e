package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** What the wire demands, byte by byte, between a hand-made client and scripted servers. */
class ProtocolIT {

    private static final int SSL_REQUEST = 80877103;
    private static final int GSSENC_REQUEST = 80877104;

    @TempDir Path folder;

    private final ScriptedServer primary = new ScriptedServer("off");
    private final ScriptedServer standby = new ScriptedServer("on");
    private final Map<String, String> keys = new TreeMap<>();
    private OneRoute route;

    ProtocolIT() throws IOException {}

    @BeforeEach
    void start() {
        keys.put("upstream", "127.0.0.1:" + standby.port() + ",127.0.0.1:" + primary.port());
        keys.put("tls", "disable");
        keys.put("user", "real");
        keys.put("password", "secret");
    }

    @AfterEach
    void stop() throws IOException {
        if (route != null) {
            route.close();
        }
        primary.close();
        standby.close();
    }

    @Test
    void replacesTheUserAndKeepsEverythingElse() throws Exception {
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy", "options", "-c work_mem=1MB", "x.y", "z");
            assertEquals("ZI", client.readUntil('Z'));
        }
        assertEquals(
                "196608 user=real database=legacy options=-c work_mem=1MB x.y=z",
                standby.startups.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void findsThePrimaryAmongTheHosts() throws Exception {
        keys.put("target", "primary");
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
        assertEquals("X", standby.messages.poll(5, TimeUnit.SECONDS), "left politely");
        assertTrue(primary.startups.poll(5, TimeUnit.SECONDS).startsWith("196608 user=real"));
    }

    @Test
    void prefersAStandbyButTakesAPrimary() throws Exception {
        keys.put("target", "prefer-standby");
        keys.put("upstream", "127.0.0.1:" + primary.port() + ",127.0.0.1:1");
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
    }

    @Test
    void saysThatThereIsNoPrimaryAndThenSaysItAtOnce() throws Exception {
        keys.put("target", "primary");
        keys.put("upstream", "127.0.0.1:" + standby.port());
        keys.put("login-deadline", "2s");
        keys.put("circuit-pause", "60s");
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            assertTrue(client.readUntil('E').contains("C57P03"));
        }
        int asked = standby.startups.size();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            assertTrue(client.readUntil('E').contains("C57P03"));
        }
        assertEquals(asked, standby.startups.size(), "it was asked again");
        assertEquals(1, route.counts().failures().get("circuit_open").sum());
    }

    @Test
    void answersEncryptionRequestsOnceEvenByteByByte() throws Exception {
        begin();
        try (RawClient client = client()) {
            client.slowly(RawClient.packet(GSSENC_REQUEST));
            assertEquals('N', client.in.read());
            client.slowly(RawClient.packet(SSL_REQUEST));
            assertEquals('N', client.in.read());
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
        try (RawClient client = client()) {
            client.send(RawClient.packet(SSL_REQUEST));
            assertEquals('N', client.in.read());
            client.send(RawClient.packet(SSL_REQUEST));
            assertTrue(client.readUntil('E').contains("C08P01"));
        }
    }

    @Test
    void negotiatesANewerProtocolOnceAndBeforeTheLogin() throws Exception {
        begin();
        try (RawClient client = client()) {
            client.startup((3 << 16) + 9999, "user", "legacy", "_pq_.grease", "1");
            assertEquals(
                    "v\0\3\0\2\0\0\0\1_pq_.grease\0", client.readUntil('v'), "3.2, one unknown");
            String all = client.readAllUntil('Z');
            assertTrue(all.startsWith("R"), all);
            assertEquals(-1, all.indexOf('v'), all);
            assertEquals(4 + 32, client.backendKey.length);
        }
        assertEquals(
                "196610 user=real database=legacy", standby.startups.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void speaksTheOlderProtocolWhereTheServerDoes() throws Exception {
        standby.older = true;
        begin();
        try (RawClient client = client()) {
            client.startup((3 << 16) + 2, "user", "legacy");
            assertEquals("v\0\3\0\0\0\0\0\0", client.readUntil('v'), "3.0, no option unknown");
            String all = client.readAllUntil('Z');
            assertTrue(all.startsWith("R"), all);
            assertEquals(-1, all.indexOf('v'), all);
            assertEquals(4 + 4, client.backendKey.length);
        }
    }

    @Test
    void waitsForAStartupAsLongAsItIsTold() throws Exception {
        keys.put("startup-timeout", "1s");
        begin();
        try (RawClient silent = client();
                RawClient slow = client()) {
            slow.send(new byte[] {0, 0, 0});
            assertEquals(-1, silent.in.read());
            assertEquals(-1, slow.in.read());
        }
        await(() -> route.counts().sessionsOpen.sum() == 0);
    }

    @Test
    void answersALoginThatIsHeldWhenItStops() throws Exception {
        keys.put("upstream", "127.0.0.1:1");
        keys.put("login-deadline", "30s");
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            await(() -> route.counts().sessionsOpen.sum() == 1);
            route.close();
            String error = client.readUntil('E');
            assertTrue(error.contains("C57P03") && error.contains("shutting down"), error);
        }
    }

    @Test
    void closesSilentlyOnAnUnknownCancelKey() throws Exception {
        begin();
        try (RawClient client = client()) {
            ByteBuffer cancel = ByteBuffer.allocate(16).putInt(16).putInt(RawClient.CANCEL_REQUEST);
            client.send(cancel.putInt(1).putInt(2).array());
            assertEquals(-1, client.in.read());
        }
    }

    @Test
    void carriesTheCancelRequestWithTheServersOwnKey() throws Exception {
        begin();
        RawClient gone = client();
        gone.startup(196608, "user", "legacy");
        gone.readAllUntil('Z');
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            String all = client.readAllUntil('Z');
            assertTrue(all.contains("K"), all);
            // Both have process id 77, as sessions of two servers may.
            assertEquals(77, ByteBuffer.wrap(client.backendKey).getInt());
            assertFalse(Arrays.equals(gone.backendKey, client.backendKey));
            gone.close();
            await(() -> route.counts().sessionsOpen.sum() == 1);
            try (RawClient canceller = client()) {
                canceller.send(
                        ByteBuffer.allocate(16)
                                .putInt(16)
                                .putInt(RawClient.CANCEL_REQUEST)
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
        try (RawClient client = client()) {
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
        keys.put("keep-alive-idle", "1s");
        keys.put("keep-alive-interval", "1s");
        keys.put("keep-alive-count", "2");
        begin();
        try (RawClient client = client()) {
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
        assertEquals(1, route.counts().failures().get("upstream_lost").sum());
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

    private void asksAndSaysNothingMore(RawClient client) throws Exception {
        client.startup(196608, "user", "legacy");
        client.readUntil('Z');
        client.send(new byte[] {'Q', 0, 0, 0, 5, 0});
        client.socket.shutdownOutput();
        assertEquals("Q", standby.messages.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void carriesAHalfCloseAndTheAnswerAfterIt() throws Exception {
        begin();
        try (RawClient client = client()) {
            asksAndSaysNothingMore(client);
            standby.answer();
            assertEquals("ZI", client.readUntil('Z'));
            standby.dropSessions();
            assertEquals(-1, client.in.read(), "a server that followed was not lost");
        }
        await(() -> route.counts().sessionsOpen.sum() == 0);
        assertEquals(Map.of(), route.counts().failures());
    }

    @Test
    void tellsAnApplicationThatWaitsForAnAnswerThatNoneWillCome() throws Exception {
        begin();
        try (RawClient client = client()) {
            asksAndSaysNothingMore(client);
            standby.dropSessions();
            assertTrue(client.readUntil('E').contains("C08006"));
        }
    }

    @Test
    void endsAHalfClosedSessionThatSaysNothingMore() throws Exception {
        keys.put("half-close-timeout", "300ms");
        begin();
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            client.readUntil('Z');
            client.socket.shutdownOutput();
            // The server would stay for longer.
            assertEquals(-1, client.in.read());
        }
        await(() -> route.counts().sessionsOpen.sum() == 0);
    }

    @Test
    void cancelsTheStatementOfAnApplicationThatVanished() throws Exception {
        begin();
        RawClient client = client();
        client.startup(196608, "user", "legacy");
        client.readUntil('Z');
        client.send(new byte[] {'Q', 0, 0, 0, 5, 0});
        assertEquals("Q", standby.messages.poll(5, TimeUnit.SECONDS));
        client.close();
        assertEquals("77 k", standby.cancels.poll(10, TimeUnit.SECONDS));
        assertEquals(1, route.counts().abandonedTotal.sum());
    }

    @Test
    void leavesTheStatementAloneWhereItIsToldTo() throws Exception {
        keys.put("cancel-abandoned", "false");
        begin();
        RawClient client = client();
        client.startup(196608, "user", "legacy");
        client.readUntil('Z');
        client.send(new byte[] {'Q', 0, 0, 0, 5, 0});
        assertEquals("Q", standby.messages.poll(5, TimeUnit.SECONDS));
        client.close();
        await(() -> route.counts().sessionsOpen.sum() == 0);
        // What is asked for next comes after a cancel request would have.
        try (RawClient next = client()) {
            next.startup(196608, "user", "legacy");
            next.readUntil('Z');
        }
        assertEquals(0, route.counts().abandonedTotal.sum());
        assertEquals(null, standby.cancels.poll());
    }

    @Test
    void refusesLengthsWithoutBelievingThem() throws Exception {
        begin();
        for (int length : new int[] {0, 7, 10_001, Integer.MAX_VALUE, -1}) {
            try (RawClient client = client()) {
                client.send(ByteBuffer.allocate(8).putInt(length).putInt(196608).array());
                assertTrue(client.readUntil('E').contains("C08P01"), "length " + length);
            }
        }
    }

    @Test
    void survivesWhateverIsSentToIt() throws Exception {
        keys.put("startup-timeout", "2s");
        begin();
        Random random = new Random(20261122);
        ByteArrayOutputStream good = new ByteArrayOutputStream();
        good.writeBytes(RawClient.packet(SSL_REQUEST));
        good.writeBytes(RawClient.startupPacket(196608, "user", "legacy", "database", "orders"));
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
        await(() -> route.counts().sessionsOpen.sum() == 0);
        try (RawClient client = client()) {
            client.startup(196608, "user", "legacy");
            assertEquals("ZI", client.readUntil('Z'));
        }
    }

    private void sendAndReadToTheEnd(byte[] bytes) {
        try (RawClient client = client()) {
            client.send(bytes);
            client.socket.shutdownOutput();
            client.in.readAllBytes();
        } catch (IOException reset) {
            // it may close on us; it must not stay
        }
    }

    private void begin() throws IOException {
        route = new OneRoute(folder, keys);
    }

    private RawClient client() throws IOException {
        return new RawClient(route.port());
    }
}
