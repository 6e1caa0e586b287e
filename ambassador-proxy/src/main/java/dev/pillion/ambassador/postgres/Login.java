package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.Secret;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Logs in upstream for one session and holds the application's login meanwhile: all hosts in turn,
 * again and again with growing pauses, until the route's login-deadline. A refused password is read
 * again from the Secret, then the previous one is tried, before anybody hears of it.
 */
final class Login {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LEAST_ATTEMPT = Duration.ofMillis(10);

    private final Upstream upstream;
    private final Function<String, Optional<Route>> reread;
    private final RandomGenerator random;

    /**
     * @param reread loads the configuration again and returns the route of that name
     * @param random for the jitter of pauses
     */
    Login(Upstream upstream, Function<String, Optional<Route>> reread, RandomGenerator random) {
        this.upstream = upstream;
        this.reread = reread;
        this.random = random;
    }

    /**
     * @return a session at one of the hosts
     * @throws LoginFailure the last one, when the deadline has passed or trying again is of no use
     * @throws InterruptedException if the process ends
     */
    Upstream.LoggedIn login(Route.Postgres route, Startup.Login login, RouteStatistics statistics)
            throws LoginFailure, InterruptedException {
        long end = System.nanoTime() + route.loginDeadline().toNanos();
        Duration pause = FIRST_PAUSE;
        while (true) {
            LoginFailure failure = null;
            for (HostPort host : route.upstreams()) {
                try {
                    return atHost(route, host, login, statistics, end);
                } catch (LoginFailure failed) {
                    failure = failed;
                    if (!failed.retryable() && route.upstreams().size() == 1) {
                        throw failed;
                    }
                }
            }
            long left = end - System.nanoTime();
            if (failure == null) {
                throw new IllegalStateException("route " + route.name() + " has no upstream");
            }
            // Full jitter, so that sessions that failed together do not return together.
            long wait = random.nextLong(pause.toNanos() / 2, pause.toNanos() + 1);
            if (!failure.retryable() || left <= wait) {
                throw failure;
            }
            Thread.sleep(Duration.ofNanos(wait));
            pause = pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
        }
    }

    private Upstream.LoggedIn atHost(
            Route.Postgres route,
            HostPort host,
            Startup.Login login,
            RouteStatistics statistics,
            long end)
            throws LoginFailure {
        try {
            return upstream.login(route, host, login, route.password(), left(end));
        } catch (LoginFailure refused) {
            if (!refused.kind().equals("credential_refused")
                    || !refused.sqlState().equals("28P01")) {
                throw refused;
            }
            Route.Postgres now =
                    reread.apply(route.name())
                            .filter(Route.Postgres.class::isInstance)
                            .map(Route.Postgres.class::cast)
                            .orElse(route);
            if (!now.password().equals(route.password()) || !now.user().equals(route.user())) {
                try {
                    Upstream.LoggedIn in =
                            upstream.login(now, host, login, now.password(), left(end));
                    statistics.passwordRereadTotal.increment();
                    return in;
                } catch (LoginFailure refusedAgain) {
                    if (now.previousPassword().isEmpty()) {
                        throw refusedAgain;
                    }
                }
            }
            Optional<Secret> previous = now.previousPassword();
            if (previous.isEmpty()) {
                throw refused;
            }
            Upstream.LoggedIn in = upstream.login(now, host, login, previous.get(), left(end));
            statistics.passwordPreviousTotal.increment();
            return in;
        }
    }

    private static Duration left(long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        return left.compareTo(LEAST_ATTEMPT) < 0 ? LEAST_ATTEMPT : left;
    }
}
