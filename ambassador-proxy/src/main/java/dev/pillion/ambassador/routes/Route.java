package dev.pillion.ambassador.routes;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From a port on localhost to an upstream, with everything that is needed to speak there.
 * Immutable; a session holds the route it began with until it ends.
 */
public sealed interface Route {

    /** The name between {@code route.} and the next dot. */
    String name();

    /** {@code postgres}, {@code http} or {@code tcp}. */
    Protocol protocol();

    /** Where the application connects. */
    HostPort listen();

    /** Where it ends, as an operator would write it. */
    String upstream();

    /** How the upstream is encrypted and believed. */
    Tls tls();

    /** Sessions (http: requests) at one time; one more is refused in the client's protocol. */
    int maxSessions();

    /** Longest time for one TCP connect. */
    Duration connectTimeout();

    /** What is spoken on the port. */
    enum Protocol {
        POSTGRES,
        HTTP,
        TCP;

        /** As it is written in a configuration. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Which of several hosts will do.
     *
     * @see <a href="https://www.postgresql.org/docs/18/libpq-connect.html">target_session_attrs</a>
     */
    enum Target {
        ANY,
        PRIMARY,
        STANDBY,
        PREFER_STANDBY
    }

    /** Whether the login is bound to the TLS channel; names as libpq's {@code channel_binding}. */
    enum ChannelBinding {
        DISABLE,
        PREFER,
        REQUIRE
    }

    /** How the application's own login is taken. */
    enum AppPolicy {
        ANY,
        SCRAM_SHA_256
    }

    private static String written(List<HostPort> upstreams) {
        return String.join(",", upstreams.stream().map(HostPort::toString).toList());
    }

    /**
     * How a peer that vanished is noticed while nothing is said: after idle and count intervals.
     *
     * @param idle silence until the first probe; whole seconds
     * @param interval between probes; whole seconds
     * @param count unanswered probes until the connection is dead
     */
    record KeepAlive(Duration idle, Duration interval, int count) {}

    /**
     * Upstream sessions that are logged in before a client asks.
     *
     * @param sessions most of them that wait at one time; 0: none
     * @param idleLimit longest time one waits, and for which is remembered what was asked for
     */
    record Warm(int sessions, Duration idleLimit) {}

    /**
     * PostgreSQL: the application's login is accepted, the upstream gets the Secret's.
     *
     * @param database empty: the one the application asked for
     * @param password empty if the user is known by the certificate of {@code tls} alone
     * @param previousPassword tried when the upstream refuses the password and its re-read
     *     successor
     * @param allowMd5 whether the upstream may have the password hashed by MD5, which is broken
     * @param shown what the application is shown on localhost; empty: no TLS is spoken there
     * @param appLogin what the application has to prove; empty: anybody is let in
     * @param loginBytes most that is kept of what the upstream says in a login
     * @param startupTimeout longest time until the application has sent its startup packet
     * @param loginDeadline longest time a login is held while the upstream does not serve
     * @param circuitPause how long logins are refused at once after one has run into its deadline
     * @param cancelAbandoned whether the statement of an application that vanished is cancelled
     * @param halfCloseTimeout longest time a session lives after one side has ended
     * @param keepAlive of both connections of a session
     * @param warm sessions that wait for clients
     */
    record Postgres(
            String name,
            HostPort listen,
            List<HostPort> upstreams,
            Optional<String> database,
            String user,
            Secret password,
            Optional<Secret> previousPassword,
            Tls tls,
            ChannelBinding channelBinding,
            boolean allowMd5,
            Optional<Identity> shown,
            Optional<AppLogin> appLogin,
            Target target,
            int maxSessions,
            Duration connectTimeout,
            int loginBytes,
            Duration startupTimeout,
            Duration loginDeadline,
            Duration circuitPause,
            boolean cancelAbandoned,
            Duration halfCloseTimeout,
            KeepAlive keepAlive,
            Warm warm)
            implements Route {

        /** Copies the list. */
        public Postgres {
            upstreams = List.copyOf(upstreams);
        }

        @Override
        public Protocol protocol() {
            return Protocol.POSTGRES;
        }

        @Override
        public String upstream() {
            return written(upstreams);
        }
    }

    /**
     * HTTP/1.1 on localhost to an HTTP or HTTPS endpoint, with headers added from the Secret.
     *
     * @param base scheme, host, port and a path that every request's path is appended to
     * @param headers set on every request, replacing what the application sent under that name
     * @param requestTimeout longest time until the upstream's answer begins
     */
    record Http(
            String name,
            HostPort listen,
            URI base,
            Map<String, Secret> headers,
            Tls tls,
            int maxSessions,
            Duration connectTimeout,
            Duration requestTimeout)
            implements Route {

        /** Copies the map. */
        public Http {
            headers = Map.copyOf(headers);
        }

        @Override
        public Protocol protocol() {
            return Protocol.HTTP;
        }

        @Override
        public String upstream() {
            return base.toString();
        }
    }

    /**
     * Bytes as they are, in TLS towards the upstream if so configured.
     *
     * @param halfCloseTimeout longest time a session lives after one side has ended
     * @param keepAlive of both connections of a session
     */
    record Tcp(
            String name,
            HostPort listen,
            List<HostPort> upstreams,
            Tls tls,
            int maxSessions,
            Duration connectTimeout,
            Duration halfCloseTimeout,
            KeepAlive keepAlive)
            implements Route {

        /** Copies the list. */
        public Tcp {
            upstreams = List.copyOf(upstreams);
        }

        @Override
        public Protocol protocol() {
            return Protocol.TCP;
        }

        @Override
        public String upstream() {
            return written(upstreams);
        }
    }
}
