import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLSocket;

/**
 * What a client sees of a PostgreSQL server until it has logged in by TLS and SCRAM-SHA-256
 * (protocol 3.0, RFC 5802): there are no tables, every query is answered with an empty result.
 *
 * <p>One virtual thread a connection.
 */
final class Database {

    private static final int SSL_REQUEST = 80877103;
    private static final int ITERATIONS = 4096;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private final ServerSocket server;
    private final Identity identity;
    private final String user;
    private final byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private final byte[] salted;

    private Database(ServerSocket server, Identity identity, String user, String password)
            throws GeneralSecurityException {
        this.server = server;
        this.identity = identity;
        this.user = user;
        this.salted =
                SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                        .generateSecret(
                                new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256))
                        .getEncoded();
    }

    /** On any free port of localhost. */
    static Database start(Identity identity, String user, String password)
            throws IOException, GeneralSecurityException {
        Database database =
                new Database(
                        new ServerSocket(0, 16, InetAddress.getLoopbackAddress()),
                        identity,
                        user,
                        password);
        Thread.ofPlatform().daemon().name("database").start(database::accept);
        return database;
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                throw new IllegalStateException("the database cannot be reached any more", e);
            }
        }
    }

    private void serve(Socket plain) {
        try (plain) {
            ByteBuffer request = startup(new DataInputStream(plain.getInputStream()));
            Training.check(request.getInt() == SSL_REQUEST, "the client asks for TLS");
            plain.getOutputStream().write('S');
            try (SSLSocket socket =
                    (SSLSocket)
                            identity.context()
                                    .getSocketFactory()
                                    .createSocket(plain, null, port(), true)) {
                socket.setUseClientMode(false);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                String asked = StandardCharsets.UTF_8.decode(startup(in)).toString();
                Training.check(asked.contains("user\0" + user + "\0"), "the user is " + user);
                logIn(in, out);
                answer(in, out);
            }
        } catch (IOException | GeneralSecurityException ended) {
            // The client is gone; it is the one whose answers are checked.
        }
    }

    private void logIn(DataInputStream in, OutputStream out)
            throws IOException, GeneralSecurityException {
        out.write(authentication(SASL, "SCRAM-SHA-256\0\0"));
        String first = password(in);
        String bare = first.substring(first.indexOf("n="));
        String nonce = bare.substring(bare.indexOf("r=") + 2) + UUID.randomUUID();
        String challenge =
                "r="
                        + nonce
                        + ",s="
                        + Base64.getEncoder().encodeToString(salt)
                        + ",i="
                        + ITERATIONS;
        out.write(authentication(SASL_CONTINUE, challenge));
        String last = password(in);
        int proof = last.indexOf(",p=");
        String signed = bare + "," + challenge + "," + last.substring(0, proof);
        byte[] clientKey = hmac(salted, "Client Key");
        byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
        byte[] expected = hmac(storedKey, signed);
        for (int i = 0; i < expected.length; i++) {
            expected[i] ^= clientKey[i];
        }
        Training.check(
                MessageDigest.isEqual(
                        expected, Base64.getDecoder().decode(last.substring(proof + 3))),
                "the password is right");
        byte[] signature = hmac(hmac(salted, "Server Key"), signed);
        out.write(authentication(SASL_FINAL, "v=" + Base64.getEncoder().encodeToString(signature)));
        out.write(authentication(0, ""));
        out.write(message('S', "server_version\00018.1\0".getBytes(StandardCharsets.US_ASCII)));
        out.write(message('K', new byte[8]));
        out.write(message('Z', new byte[] {'I'}));
    }

    private static void answer(DataInputStream in, OutputStream out) throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            in.skipNBytes(in.readInt() - 4);
            if (type == 'X') {
                return;
            }
            out.write(message('C', "SELECT 0\0".getBytes(StandardCharsets.US_ASCII)));
            out.write(message('Z', new byte[] {'I'}));
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ByteBuffer startup(DataInputStream in) throws IOException {
        return ByteBuffer.wrap(in.readNBytes(in.readInt() - 4));
    }

    private static String password(DataInputStream in) throws IOException {
        Training.check(in.readUnsignedByte() == 'p', "the client answers the challenge");
        return new String(in.readNBytes(in.readInt() - 4), StandardCharsets.UTF_8);
    }

    private static byte[] authentication(int kind, String text) {
        byte[] data = text.getBytes(StandardCharsets.US_ASCII);
        return message('R', ByteBuffer.allocate(4 + data.length).putInt(kind).put(data).array());
    }

    /** A message of the protocol: type, length, body. */
    static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    /** Reads messages up to one of a type; an error fails. */
    static void skipTo(char wanted, DataInputStream in) throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            Training.check(type != 'E', "no error: " + new String(body, StandardCharsets.UTF_8));
            if (type == wanted) {
                return;
            }
        }
    }
}
