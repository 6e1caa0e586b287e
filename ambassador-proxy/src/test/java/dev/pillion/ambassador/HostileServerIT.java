package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;

import org.junit.jupiter.api.AfterEach;
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
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;

/** Servers that lie, downgrade or stammer, and those too old to say who they are. */
class HostileServerIT {

    @TempDir Path folder;

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test CA", Clock.systemUTC());
    private static final ServerCertificate CERTIFICATE = AUTHORITY.issue("localhost");

    /** What the script has heard. */
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final ServerSocket listening =
            new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    HostileServerIT() throws IOException {}

    @AfterEach
    void stop() throws IOException {
        listening.close();
    }

    @Test
    void believesNoByteThatCameBeforeTheHandshake() throws Exception {
        serve(
                socket -> {
                    read(socket.getInputStream().readNBytes(8));
                    ByteArrayOutputStream smuggled = new ByteArrayOutputStream();
                    smuggled.write('S');
                    smuggled.writeBytes(letIn());
                    socket.getOutputStream().write(smuggled.toByteArray());
                    socket.getInputStream().readAllBytes();
                });
        assertRefused("08006", "TLS", Map.of());
    }

    @Test
    void staysOutWhereTlsIsNotSpoken() throws Exception {
        serve(socket -> socket.getOutputStream().write('N'));
        assertRefused("08006", "does not speak TLS", Map.of("tls", "require"));
    }

    /** A server that is going down or has no process left for us says so before any TLS. */
    @Test
    void asksAgainWhereTlsIsAnsweredWithAnErrorWhoseWordsItTellsNobody() throws Exception {
        serve(
                socket -> {
                    read(socket.getInputStream().readNBytes(8));
                    socket.getOutputStream().write(fatal("smuggled words"));
                });
        SQLException refused =
                assertThrows(SQLException.class, () -> login(Map.of("login-deadline", "2s")));
        assertEquals("08006", refused.getSQLState(), refused.getMessage());
        assertFalse(refused.getMessage().contains("smuggled"), refused.getMessage());
        AtomicBoolean refuses = new AtomicBoolean(true);
        serve(
                socket -> {
                    if (refuses.getAndSet(false)) {
                        read(socket.getInputStream().readNBytes(8));
                        socket.getOutputStream().write(fatal("shutting down"));
                        return;
                    }
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(letIn());
                    tls.in.readAllBytes();
                });
        login(Map.of()).close();
    }

    @Test
    void choosesTheMechanismThatIsBoundToTheChannel() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"));
                    heard.add(tls.text());
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many", Map.of());
        String first = next();
        assertTrue(first.startsWith("SCRAM-SHA-256-PLUS\0"), first);
        assertTrue(first.contains("p=tls-server-end-point,,"), first);
    }

    @Test
    void letsTheServerNoticeThatItsOfferWasTakenAway() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256"));
                    heard.add(tls.text());
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many", Map.of());
        String first = next();
        assertTrue(first.startsWith("SCRAM-SHA-256\0") && first.contains("y,,"), first);
    }

    @Test
    void isNotTalkedOutOfChannelBinding() throws Exception {
        Map<String, String> required = Map.of("channel-binding", "require");
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256"));
                });
        assertRefused("28000", "channel-binding is required", required);
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(letIn());
                });
        assertRefused("28000", "let us in without", required);
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(message('R', new byte[] {0, 0, 0, 3}));
                    heard.add(tls.text());
                });
        assertRefused("28000", "channel-binding is required", required);
        assertEquals(null, heard.poll(), "the password was sent");
    }

    @Test
    void wantsTheProofOfTheServerAsWell() throws Exception {
        serve(socket -> scram(socket, "i=4096", "", letIn()));
        assertRefused("28000", "could not prove", Map.of());
        serve(
                socket ->
                        scram(
                                socket,
                                "i=4096",
                                "",
                                sasl(12, "v=" + Base64.getEncoder().encodeToString(new byte[32]))));
        assertRefused("28000", "could not prove", Map.of());
    }

    @Test
    void doesNotWorkForeverForAServer() throws Exception {
        serve(socket -> scram(socket, "i=1000001", "", letIn()));
        assertRefused("28000", "too many SCRAM iterations", Map.of());
    }

    @Test
    void refusesAnAnswerToAnotherQuestion() throws Exception {
        serve(socket -> scram(socket, "i=4096", "x", letIn()));
        assertRefused("28000", "could not prove", Map.of());
    }

    @Test
    void saysWhatItCannotSpeak() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("OAUTHBEARER"));
                });
        assertRefused("28000", "offers only [OAUTHBEARER]", Map.of());
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(message('R', new byte[] {0, 0, 0, 7}));
                });
        assertRefused("28000", "authentication method 7", Map.of());
    }

    @Test
    void passesTheServersWordsOnWithoutTheUserTheyName() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many connections for role of route db", Map.of());
        // As PostgreSQL says it in German, French and Chinese.
        for (String named : List.of("»real«", "« real »", "\u201ereal\u201c", "\u201creal\u201d")) {
            serve(
                    socket -> {
                        Tls tls = Tls.asked(socket);
                        tls.startup();
                        tls.send(fatal("zu viele: " + named));
                    });
            assertRefused("53300", "zu viele: of route db", Map.of());
        }
    }

    @Test
    void allocatesNothingOnAClaimedLength() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(new byte[] {'R', 127, -1, -1, -1});
                });
        assertRefused("08006", "has no place in a login", Map.of("login-deadline", "2s"));
    }

    @Test
    void keepsNoMoreOfALoginThanTheRouteSays() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
                    byte[] notice = message('N', new byte[1000]);
                    while (true) {
                        tls.send(notice);
                    }
                });
        assertRefused("28000", "route.db.login-bytes", Map.of("login-bytes", "50000"));
    }

    @Test
    void beginsDirectlyAndInsistsOnPostgresql() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.direct(socket, "postgresql");
                    heard.add(tls.socket.getApplicationProtocol());
                    heard.add(tls.askedFor());
                    tls.startup();
                    tls.send(letIn());
                    tls.in.readAllBytes();
                });
        login(Map.of("tls.negotiation", "direct")).close();
        assertEquals("postgresql", next());
        assertEquals("localhost", next(), "the name in SNI");
        serve(
                socket -> {
                    Tls tls = Tls.direct(socket, "");
                    tls.in.readAllBytes();
                });
        assertRefused("08006", "ALPN", Map.of("tls.negotiation", "direct"));
    }

    @Test
    void asksAnOlderServerForItsRole() throws Exception {
        for (String role : new String[] {"primary", "standby"}) {
            serve(
                    socket -> {
                        Tls tls = Tls.asked(socket);
                        tls.startup();
                        tls.send(letIn());
                        heard.add(tls.text());
                        byte[] row = {
                            0, 1, 0, 0, 0, 1, (byte) (role.equals("standby") ? 't' : 'f')
                        };
                        tls.send(message('T', new byte[] {0, 0}));
                        tls.send(message('D', row));
                        tls.send(message('C', "SELECT 1\0".getBytes(UTF_8)));
                        tls.send(new byte[] {'Z', 0, 0, 0, 5, 'I'});
                        tls.in.readAllBytes();
                    });
            login(Map.of("target", role)).close();
            assertEquals("select pg_is_in_recovery()\0", next());
            String other = role.equals("primary") ? "standby" : "primary";
            assertRefused("57P03", "is a " + role, Map.of("target", other, "login-deadline", "2s"));
            heard.clear();
        }
    }

    /** SCRAM up to the server's last word. */
    private void scram(Socket socket, String iterations, String before, byte[] last)
            throws IOException {
        Tls tls = Tls.asked(socket);
        tls.startup();
        tls.send(sasl("SCRAM-SHA-256"));
        String first = tls.text();
        String nonce = before + first.substring(first.indexOf("r=") + 2) + "server";
        String salt = Base64.getEncoder().encodeToString(new byte[16]);
        tls.send(sasl(11, "r=" + nonce + ",s=" + salt + "," + iterations));
        tls.text();
        tls.send(last);
        tls.in.readAllBytes();
    }

    private void assertRefused(String code, String words, Map<String, String> changes)
            throws Exception {
        SQLException refused = assertThrows(SQLException.class, () -> login(changes));
        assertEquals(code, refused.getSQLState(), refused.getMessage());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
        assertTrue(!refused.getMessage().contains("s3cret"), refused.getMessage());
    }

    private Connection login(Map<String, String> changes) throws Exception {
        Map<String, String> keys = new HashMap<>();
        keys.put("upstream", "localhost:" + listening.getLocalPort());
        keys.put("user", "real");
        keys.put("password", "s3cret");
        keys.put("tls.ca", AUTHORITY.certificatePem());
        keys.putAll(changes);
        try (OneRoute route = new OneRoute(folder, keys)) {
            return route.connect();
        }
    }

    private String next() throws InterruptedException {
        String next = heard.poll(10, TimeUnit.SECONDS);
        assertTrue(next != null, "nothing within 10 s");
        return next;
    }

    private interface Script {
        void run(Socket socket) throws IOException;
    }

    private Script script;

    /** Every connection from now on is served by this script. */
    private synchronized void serve(Script next) {
        boolean first = script == null;
        script = next;
        if (first) {
            Thread.ofVirtual().start(this::accept);
        }
    }

    private synchronized Script script() {
        return script;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (socket) {
                                        script().run(socket);
                                    } catch (IOException gone) {
                                        // as most scripts end
                                    }
                                });
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void read(byte[] request) {
        assertEquals(80877103, ByteBuffer.wrap(request, 4, 4).getInt());
    }

    private static byte[] letIn() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(message('R', new byte[4]));
        for (String status : new String[] {"server_version\00013.0\0", "client_encoding\0UTF8\0"}) {
            all.writeBytes(message('S', status.getBytes(UTF_8)));
        }
        all.writeBytes(new byte[] {'Z', 0, 0, 0, 5, 'I'});
        return all.toByteArray();
    }

    private static byte[] fatal(String words) {
        return message('E', ("SFATAL\0VFATAL\0C53300\0M" + words + "\0\0").getBytes(UTF_8));
    }

    private static byte[] sasl(String... mechanisms) {
        return sasl(10, String.join("\0", mechanisms) + "\0\0");
    }

    private static byte[] sasl(int kind, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return message('R', ByteBuffer.allocate(4 + bytes.length).putInt(kind).put(bytes).array());
    }

    private static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    /** A server's side of TLS, layered on a socket. */
    private static final class Tls {

        final SSLSocket socket;
        final DataInputStream in;
        private final OutputStream out;

        private Tls(Socket plain, String... protocols) throws IOException {
            socket =
                    (SSLSocket)
                            CERTIFICATE
                                    .serverContext()
                                    .getSocketFactory()
                                    .createSocket(plain, null, plain.getPort(), true);
            socket.setUseClientMode(false);
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(
                    Arrays.stream(protocols).filter(p -> !p.isEmpty()).toArray(String[]::new));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        static Tls asked(Socket plain) throws IOException {
            read(plain.getInputStream().readNBytes(8));
            plain.getOutputStream().write('S');
            return new Tls(plain);
        }

        static Tls direct(Socket plain, String... protocols) throws IOException {
            return new Tls(plain, protocols);
        }

        /** In its Server Name Indication. */
        String askedFor() {
            return ((ExtendedSSLSession) socket.getSession())
                    .getRequestedServerNames().stream()
                            .map(name -> new String(name.getEncoded(), UTF_8))
                            .collect(Collectors.joining());
        }

        void startup() throws IOException {
            in.readNBytes(in.readInt() - 4);
        }

        /** The body of the next message. */
        String text() throws IOException {
            in.readUnsignedByte();
            return new String(in.readNBytes(in.readInt() - 4), UTF_8);
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }
    }
}
