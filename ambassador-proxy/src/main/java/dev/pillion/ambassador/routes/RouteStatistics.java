package dev.pillion.ambassador.routes;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * What happened on one route since the process started; outlives changes of its configuration.
 * Thread-safe. Failures are counted by a kind out of a closed set, so the map is bounded.
 */
public final class RouteStatistics {

    /** Sessions (http: requests) ever begun. */
    public final LongAdder sessionsTotal = new LongAdder();

    /** Sessions open now. */
    public final LongAdder sessionsOpen = new LongAdder();

    /** Sessions that reached their upstream. */
    public final LongAdder connectedTotal = new LongAdder();

    /** Time all logins together took, in milliseconds. */
    public final LongAdder loginMillis = new LongAdder();

    /** Bytes from the application to the upstream, without TLS and without the login. */
    public final LongAdder bytesUp = new LongAdder();

    /** Bytes from the upstream to the application, without TLS and without the login. */
    public final LongAdder bytesDown = new LongAdder();

    /** Cancel requests that were carried to their upstream. */
    public final LongAdder cancelsTotal = new LongAdder();

    /** Statements cancelled because their application had vanished. */
    public final LongAdder abandonedTotal = new LongAdder();

    /** Logins that succeeded only after the Secret was read again. */
    public final LongAdder passwordRereadTotal = new LongAdder();

    /** Logins that succeeded with the previous password. */
    public final LongAdder passwordPreviousTotal = new LongAdder();

    /** Upstream sessions that wait, logged in, for a client. */
    public final LongAdder warmOpen = new LongAdder();

    /** Sessions that found their upstream session logged in already. */
    public final LongAdder warmTakenTotal = new LongAdder();

    /** Waiting upstream sessions that were found dead, or in another role than before. */
    public final LongAdder warmDiscardedTotal = new LongAdder();

    private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
    private final Consumer<String> newKind;
    private volatile Failure lastFailure;
    private volatile boolean lastAttemptFailed;

    private RouteStatistics(Consumer<String> newKind) {
        this.newKind = newKind;
    }

    /** For connections that are counted elsewhere. */
    public static RouteStatistics uncounted() {
        return new RouteStatistics(kind -> {});
    }

    /**
     * @param at when
     * @param kind as metrics count it
     * @param message without any secret
     */
    public record Failure(Instant at, String kind, String message) {}

    /** Counts a session that reached its upstream. */
    public void connected(long millis) {
        connectedTotal.increment();
        loginMillis.add(millis);
        lastAttemptFailed = false;
    }

    /** Whether nothing has reached the upstream since something failed. */
    public boolean lastAttemptFailed() {
        return lastAttemptFailed;
    }

    /** Counts what failed on the way to the upstream, and keeps it as the last failure. */
    public void failed(Instant at, String kind, String message) {
        refused(at, kind, message);
        lastAttemptFailed = true;
    }

    /** Counts what the upstream has no part in, and keeps it as the last failure. */
    public void refused(Instant at, String kind, String message) {
        LongAdder count = failures.get(kind);
        if (count == null) {
            count = failures.computeIfAbsent(kind, k -> new LongAdder());
            newKind.accept(kind);
        }
        count.increment();
        lastFailure = new Failure(at, kind, message);
    }

    /** Failures by kind. */
    public Map<String, LongAdder> failures() {
        return java.util.Collections.unmodifiableMap(failures);
    }

    /** Empty if nothing has failed yet. */
    public Optional<Failure> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }

    /** Who wants to know that there is something new to count. Must be thread-safe. */
    public interface Listener {

        /** A route is seen for the first time. */
        void route(String name, RouteStatistics statistics);

        /** A kind of failure is seen for the first time on a route; may be told twice. */
        void failure(String name, String kind, RouteStatistics statistics);
    }

    /** The statistics of all routes ever seen, by name. Thread-safe. */
    public static final class All {

        private final Map<String, RouteStatistics> byName = new ConcurrentHashMap<>();
        private volatile Optional<Listener> listener = Optional.empty();

        /** Those of one route; made when first asked for. */
        public RouteStatistics of(String route) {
            RouteStatistics known = byName.get(route);
            if (known != null) {
                return known;
            }
            RouteStatistics made =
                    byName.computeIfAbsent(
                            route,
                            name ->
                                    new RouteStatistics(
                                            kind ->
                                                    listener.ifPresent(
                                                            l -> l.failure(name, kind, of(name)))));
            listener.ifPresent(l -> l.route(route, made));
            return made;
        }

        /** Tells all there is, and from now on all that is new; replaces an earlier listener. */
        public void listen(Listener added) {
            listener = Optional.of(added);
            byName.forEach(
                    (name, statistics) -> {
                        added.route(name, statistics);
                        statistics
                                .failures()
                                .keySet()
                                .forEach(kind -> added.failure(name, kind, statistics));
                    });
        }
    }
}
