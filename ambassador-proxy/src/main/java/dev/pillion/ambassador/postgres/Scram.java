package dev.pillion.ambassador.postgres;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;

import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.Route.ChannelBinding;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * SCRAM-SHA-256 and -PLUS as a client (RFC 5802, RFC 7677, RFC 5929 tls-server-end-point): proves
 * that we know the password, and makes the server prove that it does.
 */
final class Scram {

    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    /** PostgreSQL's default is 4096; a server that asks for far more only wants to see us work. */
    private static final int MAX_ITERATIONS = 1_000_000;

    /** As libpq's: 18 bytes in Base64. */
    private static final int NONCE_CHARACTERS = 24;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ScramKeys.Keys NO_KEYS = new ScramKeys.Keys(new byte[1], new byte[1]);

    private Scram() {}

    /**
     * @param request AuthenticationSASL: the mechanisms the server offers
     * @throws LoginFailure if there is no common mechanism, or the server does not know the
     *     password
     */
    static void login(
            Wire wire, Message request, Route.Postgres route, String password, ScramKeys keys)
            throws IOException, LoginFailure {
        ChannelBinding binding = route.channelBinding();
        List<String> mechanisms = new ArrayList<>();
        ByteBuffer in = request.in();
        in.getInt();
        while (in.hasRemaining()) {
            String mechanism = Message.string(in);
            if (!mechanism.isEmpty()) {
                mechanisms.add(mechanism);
            }
        }
        byte[] endPoint = binding == ChannelBinding.DISABLE ? new byte[0] : endPoint(wire);
        boolean plus = mechanisms.contains("SCRAM-SHA-256-PLUS") && endPoint.length > 0;
        if (binding == ChannelBinding.REQUIRE && !plus) {
            throw Refusal.unacceptable(
                    route,
                    "channel-binding is required, but the upstream does not offer it over TLS");
        }
        if (!plus && !mechanisms.contains("SCRAM-SHA-256")) {
            throw Refusal.unacceptable(route, "the upstream offers only " + mechanisms);
        }
        try {
            // The salt is known only after the first message, the keys only with the salt: one
            // client reads it, and another of the same nonce has the keys from the beginning.
            String nonce = ScramFunctions.nonce(NONCE_CHARACTERS, RANDOM);
            ScramClient client = client(mechanisms, endPoint, nonce, NO_KEYS);
            byte[] first = bytes(client.clientFirstMessage().toString());
            ByteArrayOutputStream initial = new ByteArrayOutputStream();
            initial.writeBytes(bytes(client.getScramMechanism().getName()));
            initial.write(0);
            initial.writeBytes(ByteBuffer.allocate(4).putInt(first.length).array());
            initial.writeBytes(first);
            wire.write(new Message('p', initial.toByteArray()).bytes());

            String serverFirst = answer(wire, SASL_CONTINUE, route);
            ServerFirstMessage salted = client.serverFirstMessage(serverFirst);
            if (salted.getIterationCount() > MAX_ITERATIONS) {
                throw Refusal.unacceptable(
                        route, "the upstream asks for too many SCRAM iterations");
            }
            client =
                    client(
                            mechanisms,
                            endPoint,
                            nonce,
                            keys.of(
                                    client.getScramMechanism(),
                                    password,
                                    salted.getSalt(),
                                    salted.getIterationCount()));
            client.clientFirstMessage();
            client.serverFirstMessage(serverFirst);
            wire.write(new Message('p', bytes(client.clientFinalMessage().toString())).bytes());
            client.serverFinalMessage(answer(wire, SASL_FINAL, route));
        } catch (ScramException | IllegalArgumentException wrong) {
            throw unproven(route, wrong.getClass().getSimpleName());
        }
    }

    private static LoginFailure unproven(Route.Postgres route, String how) {
        return Refusal.unacceptable(
                route, "the upstream could not prove that it knows the password (" + how + ")");
    }

    private static String answer(Wire wire, int expected, Route.Postgres route)
            throws IOException, LoginFailure {
        Message message = Message.read(wire);
        if (message.type == 'E') {
            throw Refusal.said(route, message);
        }
        if (message.type != 'R' || message.body.length < 4) {
            throw new IOException("a message '" + message.type + "' in the middle of SCRAM");
        }
        ByteBuffer in = message.in();
        int kind = in.getInt();
        if (kind == Authentication.OK) {
            throw unproven(route, "it let us in without a proof");
        }
        if (kind != expected) {
            throw new IOException("authentication request " + kind + " in the middle of SCRAM");
        }
        return StandardCharsets.UTF_8.decode(in).toString();
    }

    private static ScramClient client(
            List<String> mechanisms, byte[] endPoint, String nonce, ScramKeys.Keys keys) {
        ScramClient.FinalBuildStage builder =
                ScramClient.builder()
                        .advertisedMechanisms(mechanisms)
                        .username("*")
                        .clientAndServerKey(keys.client(), keys.server())
                        .nonceSupplier(() -> nonce);
        if (endPoint.length > 0) {
            builder = builder.channelBinding("tls-server-end-point", endPoint);
        }
        return builder.build();
    }

    /** The certificate's hash by its own signature's algorithm, or empty where none is defined. */
    private static byte[] endPoint(Wire wire) throws IOException {
        if (wire.engine().isEmpty()) {
            return new byte[0];
        }
        try {
            Certificate[] chain = wire.engine().get().getSession().getPeerCertificates();
            if (!(chain[0] instanceof X509Certificate certificate)) {
                return new byte[0];
            }
            return TlsServerEndpoint.getChannelBindingData(certificate);
        } catch (SSLPeerUnverifiedException | CertificateException none) {
            return new byte[0];
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
