package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.ConnectFailure;
import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.Dialer;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.Secret;
import dev.pillion.ambassador.routes.Tls;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * One attempt to log in at one host. Blocking, on the session's virtual thread; what takes longer
 * than allowed is closed under it.
 *
 * @see Login the caller, which tries again
 */
final class Upstream {

    /** Kind of the failure when the whole attempt was too slow. */
    static final String TIMED_OUT = "timed_out";

    /**
     * Kind of the failure when the server is not believed, or speaks no TLS; its cause says why.
     */
    static final String TLS = "tls";

    private final TlsContexts contexts;
    private final Authentication authentication = new Authentication();

    Upstream(TlsContexts contexts) {
        this.contexts = contexts;
    }

    /**
     * @param login what the application asked for
     * @param password which of the route's passwords to try
     * @param limit longest time for the whole attempt
     */
    LoggedIn login(
            Route.Postgres route,
            HostPort host,
            Startup.Login login,
            Secret password,
            Duration limit)
            throws LoginFailure {
        Duration connect =
                limit.compareTo(route.connectTimeout()) < 0 ? limit : route.connectTimeout();
        SocketChannel channel;
        try {
            channel = Dialer.dial(host, connect);
        } catch (ConnectFailure failure) {
            throw unreachable(route, failure.kind().text(), failure.getMessage());
        }
        boolean done = false;
        try (Deadline deadline = Deadline.of(limit, channel)) {
            InetSocketAddress address = (InetSocketAddress) channel.getRemoteAddress();
            Dialer.keepAlive(channel, route.keepAlive());
            try {
                Wire wire = new Wire(channel);
                secure(wire, route.tls(), host);
                Startup.Login told = told(route, login);
                wire.write(Message.startup(told.version(), told.parameters()));
                int minor = authentication.run(wire, route, password, told.version() & 0xffff);
                LoggedIn loggedIn = welcome(wire, route, host, address, minor);
                done = true;
                return loggedIn;
            } catch (SSLException untrusted) {
                LoginFailure failure =
                        LoginFailure.lasting(
                                TLS,
                                "08006",
                                "route "
                                        + route.name()
                                        + ": TLS with "
                                        + host
                                        + " failed: "
                                        + untrusted.getMessage());
                failure.initCause(untrusted);
                throw failure;
            } catch (IOException broken) {
                throw deadline.passed()
                        ? unreachable(
                                route,
                                TIMED_OUT,
                                host + ": the login took longer than " + limit.toMillis() + " ms")
                        : unreachable(route, "lost", host + ": lost in the login: " + said(broken));
            }
        } catch (IOException closed) {
            throw unreachable(route, "lost", host + ": lost in the login: " + said(closed));
        } finally {
            if (!done) {
                closeQuietly(channel);
            }
        }
    }

    /**
     * Carries a cancel request to one address and waits until the server has taken it.
     *
     * @throws IOException if it could not be delivered
     */
    void cancel(InetSocketAddress address, HostPort host, Tls tls, byte[] packet, Duration limit)
            throws IOException {
        SocketChannel channel = Dialer.dial(address, limit, host);
        try (Deadline deadline = Deadline.of(limit, channel)) {
            Wire wire = new Wire(channel);
            secure(wire, tls, host);
            wire.write(packet);
            if (wire.await() || deadline.passed()) {
                throw new IOException("the upstream answered a cancel request");
            }
        } finally {
            closeQuietly(channel);
        }
    }

    private void secure(Wire wire, Tls tls, HostPort host) throws IOException {
        if (!tls.enabled()) {
            return;
        }
        SSLEngine engine = contexts.clientEngine(tls, host, List.of(Greeting.APPLICATION_PROTOCOL));
        if (tls.negotiation() == Tls.Negotiation.DIRECT) {
            direct(wire, engine);
            return;
        }
        wire.write(Message.request(Startup.SSL_REQUEST));
        int answer = wire.readSingleByte();
        if (answer == 'N') {
            throw new SSLException(
                    "the server does not speak TLS, and tls is " + tls.mode().text());
        }
        if (answer == 'E') {
            // It is about to go, or cannot start a process now. Its words are nobody's: not in TLS.
            throw new IOException("the server answered SSLRequest with an error");
        }
        if (answer != 'S') {
            throw new SSLException("the server answered SSLRequest with something else");
        }
        wire.startTls(engine);
    }

    private static void direct(Wire wire, SSLEngine engine) throws IOException {
        try {
            wire.startTls(engine);
        } catch (EOFException old) {
            throw new EOFException(
                    old.getMessage()
                            + "; before PostgreSQL 17, tls.negotiation has to be postgres");
        }
        // Without, another protocol's server could have been made to answer (ALPACA).
        if (!Greeting.APPLICATION_PROTOCOL.equals(engine.getApplicationProtocol())) {
            throw new SSLException("the server did not agree on the ALPN protocol postgresql");
        }
    }

    /**
     * What an upstream is told for an application that asks for this: the route's user and
     * database, all else as it is. Strings are bytes in ISO-8859-1.
     */
    static Startup.Login told(Route.Postgres route, Startup.Login asked) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", bytes(route.user()));
        String database = asked.parameters().getOrDefault("database", "");
        parameters.put(
                "database",
                route.database()
                        .map(Upstream::bytes)
                        .orElse(database.isEmpty() ? asked.parameters().get("user") : database));
        asked.parameters()
                .forEach(
                        (name, value) -> {
                            if (!name.startsWith("_pq_.")) {
                                parameters.putIfAbsent(name, value);
                            }
                        });
        // What the application did not ask for is not asked for upstream; 3.1 never was.
        int version =
                asked.version() >= Startup.PROTOCOL_3_2
                        ? Startup.PROTOCOL_3_2
                        : Startup.PROTOCOL_3_0;
        return new Startup.Login(version, parameters);
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static LoggedIn welcome(
            Wire wire, Route.Postgres route, HostPort host, InetSocketAddress address, int minor)
            throws IOException, LoginFailure {
        List<Message> welcome = new ArrayList<>();
        Map<String, String> parameters = new LinkedHashMap<>();
        Optional<Message> key = Optional.empty();
        int left = route.loginBytes();
        while (true) {
            Message message = Message.read(wire);
            left -= message.heldBytes();
            if (left < 0) {
                throw Refusal.unacceptable(
                        route,
                        "the upstream said more than "
                                + route.loginBytes()
                                + " bytes before it was ready; set route."
                                + route.name()
                                + ".login-bytes higher if it means well");
            }
            switch (message.type) {
                case 'K' -> key = Optional.of(message);
                case 'E' -> throw Refusal.said(route, message);
                case 'Z' -> {
                    return new LoggedIn(
                            wire,
                            host,
                            route.tls(),
                            address,
                            welcome,
                            key,
                            message,
                            parameters,
                            minor);
                }
                case 'S' -> {
                    ByteBuffer in = message.in();
                    parameters.put(Message.string(in), Message.string(in));
                    welcome.add(message);
                }
                default -> welcome.add(message);
            }
        }
    }

    private static LoginFailure unreachable(Route.Postgres route, String kind, String why) {
        return LoginFailure.passing(kind, "08006", "route " + route.name() + ": " + why);
    }

    private static String said(IOException failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }

    static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException ignored) {
            // it is given up
        }
    }
}
