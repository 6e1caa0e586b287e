package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.Secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Proves to an upstream who we are, by what the route allows: SCRAM always, MD5 where it is said to
 * be good enough, clear text only inside verified TLS. Blocking, on the session's virtual thread;
 * thread-safe.
 */
final class Authentication {

    static final int OK = 0;
    private static final int CLEARTEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;

    private final ScramKeys scramKeys = new ScramKeys();

    /**
     * Until AuthenticationOk.
     *
     * @param asked minor version of protocol 3 that the startup packet named
     * @return the minor version that the server will speak
     * @throws LoginFailure if it refuses us, or wants what we must not do
     */
    int run(Wire wire, Route.Postgres route, Secret password, int asked)
            throws IOException, LoginFailure {
        boolean bound = false;
        int minor = asked;
        while (true) {
            Message message = Message.read(wire);
            switch (message.type) {
                case 'R' -> {
                    ByteBuffer in = message.in();
                    int request = in.remaining() < 4 ? -1 : in.getInt();
                    if (request != SASL
                            && !bound
                            && route.channelBinding() == Route.ChannelBinding.REQUIRE) {
                        throw Refusal.unacceptable(
                                route,
                                "channel-binding is required, but the upstream "
                                        + (request == OK
                                                ? "let us in without"
                                                : "wants another authentication"));
                    }
                    if (request == OK) {
                        return minor;
                    }
                    if (password.value().isEmpty()) {
                        throw Refusal.unacceptable(
                                route,
                                "the upstream asks for a password; set route."
                                        + route.name()
                                        + ".password in the Secret");
                    }
                    switch (request) {
                        case SASL -> {
                            Scram.login(wire, message, route, password.value(), scramKeys);
                            bound = true;
                        }
                        case CLEARTEXT -> {
                            if (!route.tls().verified()) {
                                throw Refusal.unacceptable(
                                        route,
                                        "the upstream wants the password in clear text, which is"
                                                + " sent only inside verified TLS");
                            }
                            wire.write(password(password.value()));
                        }
                        case MD5 -> {
                            if (!route.allowMd5()) {
                                throw Refusal.unacceptable(
                                        route,
                                        "the upstream wants the password hashed by MD5; use"
                                                + " scram-sha-256 there, or set route."
                                                + route.name()
                                                + ".allow-md5");
                            }
                            wire.write(
                                    password(
                                            Md5.answer(
                                                    route.user(), password.value(), in.slice())));
                        }
                        default ->
                                throw Refusal.unacceptable(
                                        route,
                                        "the upstream wants authentication method "
                                                + request
                                                + ", which is not supported; use scram-sha-256");
                    }
                }
                case 'E' -> throw Refusal.said(route, message);
                case 'N' -> {
                    // A notice before the login has nobody to be told to.
                }
                case 'v' -> minor = Math.min(minor, negotiated(message));
                default ->
                        throw new IOException("a message '" + message.type + "' before the login");
            }
        }
    }

    private static byte[] password(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Message('p', Arrays.copyOf(bytes, bytes.length + 1)).bytes();
    }

    private static int negotiated(Message message) throws IOException {
        if (message.body.length < 8) {
            throw new IOException("NegotiateProtocolVersion is too short");
        }
        return message.in().getInt() & 0xffff;
    }
}
