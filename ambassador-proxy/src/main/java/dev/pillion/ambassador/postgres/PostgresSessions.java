package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.Dialer;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.listen.SessionEvent;
import dev.pillion.ambassador.relay.Observer.Ending;
import dev.pillion.ambassador.relay.Relay;
import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.RouteTable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * From an accepted connection to a relayed session. Called on a virtual thread of its own for each;
 * returns when the relay has taken over or the connection has ended.
 *
 * @see Login the upstream side
 * @see Relay#start the next hop
 */
public final class PostgresSessions {

    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(10);

    /** For one too many to say whether it only wants to cancel; where the CPU is limited, long. */
    private static final Duration REFUSAL_LIMIT = Duration.ofSeconds(5);

    private final Relay relay;
    private final Upstream upstream;
    private final Login login;
    private final WarmSessions warm;
    private final Greeting greeting;
    private final AppProof appProof = new AppProof();
    private final CancelKeys cancelKeys = new CancelKeys();
    private final Clock clock;

    /**
     * @param reread loads the configuration again and returns the route of that name, for a
     *     password that was refused
     */
    public PostgresSessions(
            Relay relay,
            TlsContexts contexts,
            Function<String, Optional<Route>> reread,
            Clock clock) {
        this.relay = relay;
        this.greeting = new Greeting(contexts);
        this.upstream = new Upstream(contexts);
        this.login = new Login(upstream, reread, new SecureRandom());
        this.warm = new WarmSessions(login, clock);
        this.clock = clock;
    }

    /** The routes that hold from now on: sessions kept warm for others are given up. */
    public void keep(RouteTable table) {
        warm.keep(table);
    }

    /** Logins that are held for an upstream that is not there are answered now. */
    public void drain() {
        login.drain();
        warm.keep(RouteTable.EMPTY);
    }

    /**
     * How a login with a route's credential went.
     *
     * @param failure empty if it succeeded
     * @param tls why no TLS was spoken, if that is the failure
     * @param peer the server's certificate, if TLS was spoken
     * @param server its role and version as it reports them
     */
    public record Trial(
            Optional<String> failure,
            Optional<Throwable> tls,
            Optional<Certificate> peer,
            String server) {

        private static Trial failed(String why, Optional<Throwable> tls) {
            return new Trial(Optional.of(why), tls, Optional.empty(), "");
        }
    }

    /** What a server says after it has let us in, of a database that is not there for us. */
    private static final Set<String> NO_DATABASE = Set.of("3D000", "42501");

    /** Logs in once at one host and leaves again, to see whether it can be done. */
    public static Trial tryLogin(Route.Postgres route, HostPort host, TlsContexts contexts) {
        Upstream upstream = new Upstream(contexts);
        Startup.Login asked =
                new Startup.Login(
                        Startup.PROTOCOL_3_0,
                        Map.of(
                                "user",
                                route.user(),
                                "database",
                                "postgres",
                                "application_name",
                                "ambassador doctor"));
        try {
            LoggedIn in =
                    upstream.login(route, host, asked, route.password(), route.loginDeadline());
            try {
                Optional<Certificate> peer = Optional.empty();
                if (in.wire().engine().isPresent()) {
                    peer =
                            Optional.of(
                                    in.wire().engine().get().getSession().getPeerCertificates()[0]);
                }
                return new Trial(
                        Optional.empty(),
                        Optional.empty(),
                        peer,
                        (in.isStandby(route.connectTimeout()) ? "standby" : "primary")
                                + ", PostgreSQL "
                                + in.parameters()
                                        .getOrDefault("server_version", "of unknown version"));
            } finally {
                in.leave();
            }
        } catch (LoginFailure failure) {
            if (route.database().isEmpty() && NO_DATABASE.contains(failure.sqlState())) {
                return new Trial(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        "lets the user in; which database, the application will say");
            }
            return Trial.failed(
                    failure.getMessage() + " (SQLSTATE " + failure.sqlState() + ")",
                    failure.kind().equals(Upstream.TLS)
                            ? Optional.ofNullable(failure.getCause())
                            : Optional.empty());
        } catch (IOException lost) {
            return Trial.failed(host + ": lost after the login", Optional.empty());
        }
    }

    /**
     * Serves one connection.
     *
     * @param channel accepted; closed by this or by the relay
     * @param over run once, when the session has ended, on whatever thread that happens
     */
    public void serve(
            Route.Postgres route,
            SocketChannel channel,
            RouteStatistics statistics,
            Runnable over) {
        Wire client = new Wire(channel);
        SessionEvent event = SessionEvent.begin(route, channel);
        boolean handedOver = false;
        try {
            Dialer.keepAlive(channel, route.keepAlive());
            Optional<Startup> heard = greeting.hear(route, client);
            if (heard.isPresent()) {
                switch (heard.get()) {
                    case Startup.Login asked ->
                            handedOver = session(route, client, asked, statistics, event, over);
                    case Startup.Cancel cancel -> cancel(cancel);
                    case Startup.SslRequest answered -> {}
                    case Startup.GssRequest answered -> {}
                }
            }
        } catch (Startup.Malformed malformed) {
            statistics.refused(clock.instant(), "malformed_startup", malformed.getMessage());
            tell(client, Message.fatal("08P01", "ambassador: " + malformed.getMessage()));
            event.end("malformed_startup", 0, 0);
        } catch (LoginFailure failure) {
            if (failure.kind().equals(AppProof.UNPROVEN)) {
                statistics.refused(clock.instant(), failure.kind(), failure.getMessage());
            } else {
                statistics.failed(clock.instant(), failure.kind(), failure.getMessage());
            }
            tell(client, failure.answer());
            event.end(failure.kind(), 0, 0);
        } catch (IOException clientGone) {
            event.end("client_lost_in_login", 0, 0);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            tell(client, Message.fatal("57P03", "ambassador: shutting down"));
            event.end("drained", 0, 0);
        } finally {
            if (!handedOver) {
                closeQuietly(client);
                over.run();
            }
        }
    }

    /**
     * Refuses a connection in its own protocol, unless it only wants a statement cancelled.
     *
     * @param code SQLSTATE
     */
    public void refuse(Route.Postgres route, SocketChannel channel, String code, String text) {
        Wire client = new Wire(channel);
        try (Deadline deadline = Deadline.of(REFUSAL_LIMIT, client)) {
            Optional<Startup> heard = greeting.hear(route, client);
            if (heard.isPresent() && heard.get() instanceof Startup.Cancel cancel) {
                // It ends what fills the route: the last to be refused.
                cancel(cancel);
            } else if (!deadline.passed()) {
                tell(client, Message.fatal(code, "ambassador: " + text));
            }
        } catch (IOException | Startup.Malformed gone) {
            // it is refused either way
        } finally {
            closeQuietly(client);
        }
    }

    private boolean session(
            Route.Postgres route,
            Wire client,
            Startup.Login asked,
            RouteStatistics statistics,
            SessionEvent event,
            Runnable over)
            throws IOException, LoginFailure, InterruptedException {
        Optional<WarmStock> stock = warm.stock(route, asked, statistics);
        Startup.Login told = Upstream.told(route, asked);
        Optional<LoggedIn> kept = stock.flatMap(warm -> warm.take(told));
        LoggedIn in = kept.isPresent() ? kept.get() : login.login(route, asked, statistics);
        byte[] answer;
        try {
            answer = proven(route, client, asked, in);
        } catch (IOException | LoginFailure unproven) {
            in.leave();
            throw unproven;
        }
        event.connected(in.host().toString());
        statistics.connected(event.loginMillis());
        Optional<CancelKeys.Entry> key =
                in.backendKey().map(theirs -> cancelKeys.add(in, statistics));
        // What ends the session names the host, and keeps no more of the login alive.
        HostPort host = in.host();
        SessionObserver observer =
                new SessionObserver(
                        route.name(),
                        (ending, bytesUp, bytesDown) -> {
                            key.ifPresent(cancelKeys::remove);
                            statistics.bytesUp.add(bytesUp);
                            statistics.bytesDown.add(bytesDown);
                            if (ending == Ending.UPSTREAM_LOST
                                    || ending == Ending.UPSTREAM_CLOSED) {
                                statistics.failed(
                                        clock.instant(),
                                        ending.name().toLowerCase(Locale.ROOT),
                                        host + " ended a session");
                            }
                            event.end(ending.name().toLowerCase(Locale.ROOT), bytesUp, bytesDown);
                            over.run();
                        },
                        () -> key.filter(k -> route.cancelAbandoned()).ifPresent(this::abandoned),
                        probe(in));
        boolean started = false;
        try {
            client.write(welcome(answer, in, key));
            relay.start(client, in.wire(), observer, route.halfCloseTimeout());
            started = true;
            // Not before this client is served: opening others would hold it up.
            stock.ifPresent(warm -> warm.wanted(told));
        } finally {
            if (!started) {
                key.ifPresent(cancelKeys::remove);
                closeQuietly(in.wire());
            }
        }
        return true;
    }

    /**
     * Lets the application prove itself if it has to. Only now, because the protocol version comes
     * before that in the protocol, and is the upstream's to say.
     *
     * @return what has to be sent before AuthenticationOk
     */
    private byte[] proven(Route.Postgres route, Wire client, Startup.Login asked, LoggedIn in)
            throws IOException, LoginFailure {
        byte[] version = new byte[0];
        List<String> unknown =
                asked.parameters().keySet().stream().filter(n -> n.startsWith("_pq_.")).toList();
        if (asked.version() != Startup.PROTOCOL_3_0 + in.minor() || !unknown.isEmpty()) {
            version = Message.negotiateVersion(in.minor(), unknown).bytes();
        }
        if (route.appLogin().isEmpty()) {
            return version;
        }
        try (Deadline deadline = Deadline.of(route.startupTimeout(), client)) {
            client.write(version);
            String user = asked.parameters().get("user");
            Message last = appProof.demand(client, route, route.appLogin().get(), user);
            if (deadline.passed()) {
                throw new IOException("the proof took longer than startup-timeout");
            }
            return last.bytes();
        }
    }

    private static byte[] welcome(byte[] before, LoggedIn in, Optional<CancelKeys.Entry> key) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(before);
        answer.writeBytes(Message.authenticationOk().bytes());
        in.welcome().forEach(message -> answer.writeBytes(message.bytes()));
        key.ifPresent(ours -> answer.writeBytes(ours.backendKey().bytes()));
        answer.writeBytes(in.ready().bytes());
        return answer.toByteArray();
    }

    /** To the very server of that session; a client cannot be told whether it worked. */
    private void cancel(Startup.Cancel request) {
        Optional<CancelKeys.Entry> found = cancelKeys.find(request);
        if (found.isEmpty()) {
            return;
        }
        deliver(found.get());
    }

    private void deliver(CancelKeys.Entry entry) {
        try {
            upstream.cancel(entry.address, entry.host, entry.tls, entry.packet(), CANCEL_LIMIT);
            entry.statistics.cancelsTotal.increment();
        } catch (IOException undelivered) {
            entry.statistics.refused(
                    clock.instant(), "cancel", entry.host + ": " + undelivered.getMessage());
        }
    }

    /** On the loop, which must not block. */
    private void abandoned(CancelKeys.Entry entry) {
        entry.statistics.abandonedTotal.increment();
        Thread.ofVirtual().name("cancel " + entry.host).start(() -> deliver(entry));
    }

    /** What the upstream reported itself, so that hearing it again changes nothing. */
    private static Message probe(LoggedIn in) {
        return in.welcome().stream()
                .filter(message -> message.type == 'S')
                .findFirst()
                .orElseGet(() -> Message.parameterStatus("integer_datetimes", "on"));
    }

    private static void tell(Wire client, Message message) {
        try (Deadline deadline = Deadline.of(Duration.ofSeconds(1), client)) {
            client.write(message.bytes());
            client.channel().shutdownOutput();
            // Reading to the end keeps the kernel from throwing the message away with a reset.
            while (!deadline.passed() && client.await()) {
                client.read(1);
            }
        } catch (IOException unheard) {
            // it has gone
        }
    }

    private static void closeQuietly(Wire wire) {
        try {
            wire.close();
        } catch (IOException ignored) {
            // it is given up
        }
    }
}
