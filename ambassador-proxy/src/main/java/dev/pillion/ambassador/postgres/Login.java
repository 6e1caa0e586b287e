package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.Route.Target;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.Secret;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Logs in upstream for one session and holds the application's login meanwhile: all hosts in turn,
 * again and again with growing pauses, until the route's login-deadline. A refused password is read
 * again from the Secret, then the previous one is tried, before anybody hears of it. Thread-safe; a
 * virtual thread for each login.
 */
final class Login {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LEAST_ATTEMPT = Duration.ofMillis(10);

    private final Upstream upstream;
    private volatile boolean draining;
    private final Function<String, Optional<Route>> reread;
    private final RandomGenerator random;

    /**
     * Route to the moment (nanoTime) until which its logins are refused at once; bounded by routes.
     */
    private final Map<String, Long> circuits = new ConcurrentHashMap<>();

    /**
     * @param reread loads the configuration again and returns the route of that name
     * @param random for the jitter of pauses; thread-safe
     */
    Login(Upstream upstream, Function<String, Optional<Route>> reread, RandomGenerator random) {
        this.upstream = upstream;
        this.reread = reread;
        this.random = random;
    }

    /** Holds no login any longer: an upstream that is not there now is answered for at once. */
    void drain() {
        draining = true;
    }

    /**
     * @return a session at one of the hosts, in the role the route wants
     * @throws LoginFailure the last one, when the deadline has passed or trying again is of no use
     * @throws InterruptedException if the process ends
     */
    LoggedIn login(Route.Postgres route, Startup.Login login, RouteStatistics statistics)
            throws LoginFailure, InterruptedException {
        Long openUntil = circuits.get(route.name());
        if (openUntil != null && openUntil - System.nanoTime() > 0) {
            throw LoginFailure.passing(
                    "circuit_open",
                    "57P03",
                    "route "
                            + route.name()
                            + ": its upstream was not there for the whole login-deadline a moment"
                            + " ago; try again later");
        }
        long end = System.nanoTime() + route.loginDeadline().toNanos();
        Duration pause = FIRST_PAUSE;
        LoginFailure failure = null;
        while (true) {
            try {
                LoggedIn in = atAnyHost(route, login, statistics, end);
                circuits.remove(route.name());
                return in;
            } catch (LoginFailure failed) {
                // The last attempt is cut short by our own deadline; the one before says why.
                if (failure == null || !failed.kind().equals(Upstream.TIMED_OUT)) {
                    failure = failed;
                }
            }
            if (!failure.retryable()) {
                throw failure;
            }
            if (draining) {
                throw LoginFailure.passing(
                        "drained", "57P03", "the ambassador is shutting down; try again later");
            }
            // Jitter, so that sessions that failed together do not return together.
            long wait = random.nextLong(pause.toNanos() / 2, pause.toNanos() + 1);
            if (end - System.nanoTime() <= wait) {
                circuits.put(route.name(), System.nanoTime() + route.circuitPause().toNanos());
                throw failure;
            }
            Thread.sleep(Duration.ofNanos(wait));
            pause = pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
        }
    }

    /**
     * One attempt that nobody waits for.
     *
     * @throws LoginFailure if no host is there in the role the route wants
     */
    LoggedIn attempt(Route.Postgres route, Startup.Login login, RouteStatistics statistics)
            throws LoginFailure {
        long end = System.nanoTime() + route.loginDeadline().toNanos();
        return atAnyHost(route, login, statistics, end);
    }

    /** One round over all hosts; for prefer-standby a second one that takes what there is. */
    private LoggedIn atAnyHost(
            Route.Postgres route, Startup.Login login, RouteStatistics statistics, long end)
            throws LoginFailure {
        List<Target> wishes =
                route.target() == Target.PREFER_STANDBY
                        ? List.of(Target.STANDBY, Target.ANY)
                        : List.of(route.target());
        Optional<LoginFailure> passing = Optional.empty();
        Optional<LoginFailure> lasting = Optional.empty();
        for (Target wish : wishes) {
            int left = route.upstreams().size();
            for (HostPort host : route.upstreams()) {
                // A host that accepts and then says nothing must leave time for the others.
                Duration share = left(end).dividedBy(left--);
                try {
                    return inRole(wish, atHost(route, host, login, statistics, share), share);
                } catch (LoginFailure failed) {
                    if (failed.retryable()) {
                        passing = Optional.of(failed);
                    } else {
                        lasting = Optional.of(failed);
                    }
                }
            }
        }
        // A host that is coming up may yet be the right one; one that refuses will refuse again.
        if (passing.isPresent()) {
            throw passing.get();
        }
        throw lasting.orElseThrow(() -> new IllegalStateException("a route without upstream"));
    }

    private LoggedIn inRole(Target wish, LoggedIn in, Duration limit) throws LoginFailure {
        if (wish == Target.ANY) {
            return in;
        }
        boolean done = false;
        try {
            boolean standby = in.isStandby(limit);
            if (standby != (wish == Target.STANDBY)) {
                throw LoginFailure.passing(
                        "wrong_role",
                        "57P03",
                        in.host()
                                + " is a "
                                + (standby ? "standby" : "primary")
                                + " and no other host is there in the role that is wanted");
            }
            done = true;
            return in;
        } catch (IOException lost) {
            throw LoginFailure.passing(
                    "lost", "08006", in.host() + ": lost when asked for its role");
        } finally {
            if (!done) {
                in.leave();
            }
        }
    }

    private LoggedIn atHost(
            Route.Postgres route,
            HostPort host,
            Startup.Login login,
            RouteStatistics statistics,
            Duration limit)
            throws LoginFailure {
        try {
            return upstream.login(route, host, login, route.password(), limit);
        } catch (LoginFailure refused) {
            if (!refused.sqlState().equals("28P01")) {
                throw refused;
            }
            Route.Postgres now =
                    reread.apply(route.name())
                            .filter(Route.Postgres.class::isInstance)
                            .map(Route.Postgres.class::cast)
                            .orElse(route);
            boolean changed =
                    !now.password().equals(route.password()) || !now.user().equals(route.user());
            List<Secret> candidates = new ArrayList<>();
            if (changed) {
                candidates.add(now.password());
            }
            now.previousPassword()
                    .ifPresent(
                            previous -> {
                                candidates.add(previous);
                                // The server may change its mind between the two.
                                candidates.add(now.password());
                            });
            LoginFailure last = refused;
            for (Secret candidate : candidates) {
                try {
                    LoggedIn in = upstream.login(now, host, login, candidate, limit);
                    (candidate.equals(now.password())
                                    ? statistics.passwordRereadTotal
                                    : statistics.passwordPreviousTotal)
                            .increment();
                    return in;
                } catch (LoginFailure failed) {
                    if (!failed.sqlState().equals("28P01")) {
                        throw failed;
                    }
                    last = failed;
                }
            }
            throw last;
        }
    }

    private static Duration left(long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        return left.compareTo(LEAST_ATTEMPT) < 0 ? LEAST_ATTEMPT : left;
    }
}
