package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;

import org.junit.jupiter.api.AfterEach;
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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;

/** A server that does what a test's script says, and the login of a route with it. */
abstract class HostileServer {

    @TempDir Path folder;

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test CA", Clock.systemUTC());
    private static final ServerCertificate CERTIFICATE = AUTHORITY.issue("localhost");

    /** What the script has heard. */
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final ServerSocket listening =
            new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    HostileServer() throws IOException {}

    @AfterEach
    void stop() throws IOException {
        listening.close();
    }

    void assertRefused(String code, String words, Map<String, String> changes) throws Exception {
        SQLException refused = assertThrows(SQLException.class, () -> login(changes));
        assertEquals(code, refused.getSQLState(), refused.getMessage());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
        assertTrue(!refused.getMessage().contains("s3cret"), refused.getMessage());
    }

    Connection login(Map<String, String> changes) throws Exception {
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

    String next() throws InterruptedException {
        String next = heard.poll(10, TimeUnit.SECONDS);
        assertTrue(next != null, "nothing within 10 s");
        return next;
    }

    interface Script {
        void run(Socket socket) throws IOException;
    }

    private Script script;

    /** Every connection from now on is served by this script. */
    synchronized void serve(Script next) {
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

    static void read(byte[] request) {
        assertEquals(80877103, ByteBuffer.wrap(request, 4, 4).getInt());
    }

    static byte[] letIn() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(message('R', new byte[4]));
        for (String status : new String[] {"server_version\00013.0\0", "client_encoding\0UTF8\0"}) {
            all.writeBytes(message('S', status.getBytes(UTF_8)));
        }
        all.writeBytes(new byte[] {'Z', 0, 0, 0, 5, 'I'});
        return all.toByteArray();
    }

    static byte[] fatal(String words) {
        return message('E', ("SFATAL\0VFATAL\0C53300\0M" + words + "\0\0").getBytes(UTF_8));
    }

    static byte[] sasl(String... mechanisms) {
        return sasl(10, String.join("\0", mechanisms) + "\0\0");
    }

    static byte[] sasl(int kind, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return message('R', ByteBuffer.allocate(4 + bytes.length).putInt(kind).put(bytes).array());
    }

    static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    /** A server's side of TLS, layered on a socket. */
    static final class Tls {

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
