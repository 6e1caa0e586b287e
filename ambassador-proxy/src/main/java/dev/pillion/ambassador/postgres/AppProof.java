package dev.pillion.ambassador.postgres;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.util.TlsServerEndpoint;

import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.AppLogin;
import dev.pillion.ambassador.routes.Identity;
import dev.pillion.ambassador.routes.Route;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SCRAM-SHA-256 and -PLUS as a server (RFC 5802, RFC 7677): makes the application prove that it
 * knows the login it was given, and proves the same to it, as libpq's require_auth demands.
 * Thread-safe; blocking, on the session's virtual thread.
 *
 * @see Scram the same towards the upstream
 */
final class AppProof {

    /** Kind of the failure when an application has not proven itself. */
    static final String UNPROVEN = "app_login";

    private static final String PLAIN = "SCRAM-SHA-256";
    private static final String PLUS = "SCRAM-SHA-256-PLUS";
    private static final String BINDING = "p=tls-server-end-point";
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    /** As PostgreSQL has them: scram_iterations, SCRAM_DEFAULT_SALT_LEN, SCRAM_RAW_NONCE_LEN. */
    private static final int ITERATIONS = 4096;

    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 18;

    private final SecureRandom random = new SecureRandom();

    /** Route to what its login is checked with, so that it is derived once; bounded by routes. */
    private final Map<String, Verifier> verifiers = new ConcurrentHashMap<>();

    /** What PostgreSQL keeps of a password (RFC 5802 section 5.1). */
    private static final class Verifier {
        final AppLogin login;
        final byte[] salt;
        final byte[] storedKey;
        final byte[] serverKey;

        Verifier(AppLogin login, byte[] salt) {
            ScramMechanism mechanism = ScramMechanism.SCRAM_SHA_256;
            byte[] salted =
                    ScramFunctions.saltedPassword(
                            mechanism,
                            StringPreparation.POSTGRESQL_PREPARATION,
                            login.password().value().toCharArray(),
                            salt,
                            ITERATIONS);
            this.login = login;
            this.salt = salt;
            this.storedKey =
                    ScramFunctions.storedKey(
                            mechanism, ScramFunctions.clientKey(mechanism, salted));
            this.serverKey = ScramFunctions.serverKey(mechanism, salted);
        }
    }

    /**
     * Returns when the application has proven itself.
     *
     * @param user as its startup packet names it, one character a byte
     * @return AuthenticationSASLFinal, to be sent before AuthenticationOk
     * @throws LoginFailure 28P01 if it has not, 08P01 if it does not speak SCRAM
     */
    Message demand(Wire client, Route.Postgres route, AppLogin login, String user)
            throws IOException, LoginFailure {
        Optional<byte[]> endPoint =
                client.engine().isPresent() ? endPoint(route.shown()) : Optional.empty();
        client.write(
                request(SASL, (endPoint.isPresent() ? PLUS + "\0" : "") + PLAIN + "\0\0").bytes());
        ByteBuffer initial = answer(client).in();
        String mechanism = Message.string(initial);
        boolean bound = mechanism.equals(PLUS) && endPoint.isPresent();
        if (!bound && !mechanism.equals(PLAIN)) {
            throw malformed("the client selected an invalid SASL authentication mechanism");
        }
        if (initial.remaining() < 4 || initial.getInt() != initial.remaining()) {
            throw malformed("SCRAM without an initial response");
        }
        String clientFirst = StandardCharsets.UTF_8.decode(initial).toString();
        // gs2-header: a flag, an authorization identity, then the bare message.
        String[] parts = clientFirst.split(",", 3);
        String flag = parts[0];
        if (parts.length < 3 || !parts[1].isEmpty()) {
            throw malformed("malformed SCRAM message");
        }
        // y: the client could bind, and believes that we cannot; if we offered it, somebody lies.
        boolean honest =
                bound
                        ? flag.equals(BINDING)
                        : flag.equals("n") || (flag.equals("y") && endPoint.isEmpty());
        if (!honest) {
            throw malformed("SCRAM channel binding negotiation error");
        }
        String bare = parts[2];
        Verifier verifier = verifier(route.name(), login);
        String nonce = attribute(bare, 'r') + ScramFunctions.nonce(NONCE_BYTES, random);
        String serverFirst = "r=" + nonce + ",s=" + base64(verifier.salt) + ",i=" + ITERATIONS;
        client.write(request(SASL_CONTINUE, serverFirst).bytes());

        String clientFinal = StandardCharsets.UTF_8.decode(answer(client).in()).toString();
        int proofAt = clientFinal.lastIndexOf(",p=");
        if (proofAt < 0) {
            throw malformed("malformed SCRAM message");
        }
        ByteArrayOutputStream binding = new ByteArrayOutputStream();
        binding.writeBytes((flag + ",,").getBytes(StandardCharsets.UTF_8));
        if (bound) {
            binding.writeBytes(endPoint.get());
        }
        String withoutProof = clientFinal.substring(0, proofAt);
        String authMessage = bare + "," + serverFirst + "," + withoutProof;
        boolean proven =
                attribute(withoutProof, 'c').equals(base64(binding.toByteArray()))
                        && attribute(withoutProof, 'r').equals(nonce)
                        && proves(verifier, authMessage, clientFinal.substring(proofAt + 3))
                        && sameUser(login, user);
        if (!proven) {
            throw LoginFailure.lasting(
                    UNPROVEN,
                    "28P01",
                    "password authentication failed for user \""
                            + new String(
                                    user.getBytes(StandardCharsets.ISO_8859_1),
                                    StandardCharsets.UTF_8)
                            + "\"");
        }
        byte[] signature =
                ScramFunctions.serverSignature(
                        ScramMechanism.SCRAM_SHA_256, verifier.serverKey, authMessage);
        return request(SASL_FINAL, "v=" + base64(signature));
    }

    private Verifier verifier(String route, AppLogin login) {
        return verifiers.compute(
                route,
                (name, known) ->
                        known != null && known.login.equals(login)
                                ? known
                                : new Verifier(login, ScramFunctions.salt(SALT_BYTES, random)));
    }

    private static boolean proves(Verifier verifier, String authMessage, String proof) {
        ScramMechanism mechanism = ScramMechanism.SCRAM_SHA_256;
        byte[] signature =
                ScramFunctions.clientSignature(mechanism, verifier.storedKey, authMessage);
        byte[] clientKey;
        try {
            clientKey = Base64.getDecoder().decode(proof);
        } catch (IllegalArgumentException garbled) {
            return false;
        }
        if (clientKey.length != signature.length) {
            return false;
        }
        for (int i = 0; i < signature.length; i++) {
            clientKey[i] ^= signature[i];
        }
        return MessageDigest.isEqual(
                ScramFunctions.storedKey(mechanism, clientKey), verifier.storedKey);
    }

    private static boolean sameUser(AppLogin login, String user) {
        return MessageDigest.isEqual(
                login.user().getBytes(StandardCharsets.UTF_8),
                user.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Empty where none is defined for the certificate's signature. */
    private static Optional<byte[]> endPoint(Optional<Identity> shown) {
        try {
            byte[] data =
                    TlsServerEndpoint.getChannelBindingData(shown.orElseThrow().certificate());
            return data.length == 0 ? Optional.empty() : Optional.of(data);
        } catch (CertificateException unusable) {
            return Optional.empty();
        }
    }

    private static Message answer(Wire client) throws IOException, LoginFailure {
        Message message = Message.read(client);
        if (message.type != 'p') {
            throw malformed("expected SASL response, got message type " + (int) message.type);
        }
        return message;
    }

    private static Message request(int kind, String data) {
        byte[] text = data.getBytes(StandardCharsets.UTF_8);
        return new Message(
                'R', ByteBuffer.allocate(4 + text.length).putInt(kind).put(text).array());
    }

    private static String attribute(String message, char name) throws LoginFailure {
        for (String part : message.split(",", -1)) {
            if (part.length() > 2 && part.charAt(0) == name && part.charAt(1) == '=') {
                return part.substring(2);
            }
        }
        throw malformed("malformed SCRAM message");
    }

    private static LoginFailure malformed(String what) {
        return LoginFailure.lasting(UNPROVEN, "08P01", what);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
