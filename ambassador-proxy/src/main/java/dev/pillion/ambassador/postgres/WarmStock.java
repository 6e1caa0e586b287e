package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Upstream sessions of one route that are logged in and were never used. Each is handed out once,
 * to a client that asks for just what it was opened with, after its server has answered for it.
 * What was asked for within the warm-idle-limit is kept in stock; the route's warm-sessions are
 * shared equally among it. A session leaves when it is as old as that limit: nobody gets a login
 * that happened longer ago.
 *
 * <p>Thread-safe; nothing blocks under the lock. Opening and leaving happen on virtual threads.
 */
final class WarmStock {

    /** Logins for the stock at one time: the server has other things to do. */
    private static final int OPENING_AT_ONCE = 4;

    private final Route.Postgres route;
    private final Login login;
    private final RouteStatistics statistics;
    private final Clock clock;

    /** By what was asked for; as many as there are warm-sessions at most. Guarded by this. */
    private final Map<Startup.Login, Shelf> shelves = new HashMap<>();

    /** Guarded by this. */
    private int opening;

    /** After a failure, so that a server in trouble is not asked all the time. Guarded by this. */
    private long pausedUntil = System.nanoTime();

    /** Guarded by this. */
    private boolean closed;

    WarmStock(Route.Postgres route, Login login, RouteStatistics statistics, Clock clock) {
        this.route = route;
        this.login = login;
        this.statistics = statistics;
        this.clock = clock;
    }

    /** Sessions that were opened with the same words, oldest first. */
    private static final class Shelf {
        final Deque<Warm> waiting = new ArrayDeque<>();
        int opening;
        long wantedAt = System.nanoTime();

        int size() {
            return waiting.size() + opening;
        }
    }

    private final class Warm {
        final LoggedIn session;
        final Deadline age;

        Warm(LoggedIn session, Startup.Login told) {
            this.session = session;
            this.age =
                    Deadline.of(
                            route.warm().idleLimit(),
                            () -> Thread.ofVirtual().start(() -> outlived(told, this)));
        }
    }

    Route.Postgres route() {
        return route;
    }

    /**
     * @param told what the server was told, as {@link Upstream#told} has it
     * @return the caller's from here on, and alive just now; empty if there is none
     */
    Optional<LoggedIn> take(Startup.Login told) {
        for (Optional<Warm> next = oldest(told); next.isPresent(); next = oldest(told)) {
            next.get().age.close();
            Optional<LoggedIn> answered = answered(next.get().session);
            if (answered.isPresent()) {
                statistics.warmTakenTotal.increment();
                return answered;
            }
            statistics.warmDiscardedTotal.increment();
        }
        return Optional.empty();
    }

    /** The next client that asks for this is to find a session. */
    void wanted(Startup.Login told) {
        List<Warm> surplus = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            shelves.computeIfAbsent(told, t -> new Shelf()).wantedAt = System.nanoTime();
            clear(surplus);
            fill(told);
        }
        leave(surplus);
    }

    /** Discards all there is; none comes any more. */
    void close() {
        List<Warm> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            shelves.values().forEach(shelf -> all.addAll(shelf.waiting));
            shelves.clear();
        }
        statistics.warmOpen.add(-all.size());
        leave(all);
    }

    private synchronized Optional<Warm> oldest(Startup.Login told) {
        Shelf shelf = shelves.get(told);
        if (shelf == null || shelf.waiting.isEmpty()) {
            return Optional.empty();
        }
        statistics.warmOpen.decrement();
        return Optional.of(shelf.waiting.remove());
    }

    /** Makes room: what nobody asked for lately goes, then what is above a shelf's share. */
    private void clear(List<Warm> surplus) {
        long oldest = System.nanoTime() - route.warm().idleLimit().toNanos();
        List<Map.Entry<Startup.Login, Shelf>> latestFirst = new ArrayList<>(shelves.entrySet());
        latestFirst.sort(
                (one, other) -> Long.signum(other.getValue().wantedAt - one.getValue().wantedAt));
        for (int i = 1; i < latestFirst.size(); i++) {
            Map.Entry<Startup.Login, Shelf> entry = latestFirst.get(i);
            if (i >= route.warm().sessions() || entry.getValue().wantedAt - oldest < 0) {
                shelves.remove(entry.getKey());
                surplus.addAll(entry.getValue().waiting);
            }
        }
        for (Shelf shelf : shelves.values()) {
            while (shelf.size() > share() && !shelf.waiting.isEmpty()) {
                surplus.add(shelf.waiting.remove());
            }
        }
        statistics.warmOpen.add(-surplus.size());
    }

    private int share() {
        return route.warm().sessions() / shelves.size();
    }

    private void fill(Startup.Login told) {
        Shelf shelf = shelves.get(told);
        if (closed || shelf == null || System.nanoTime() - pausedUntil < 0) {
            return;
        }
        int all = opening + shelves.values().stream().mapToInt(s -> s.waiting.size()).sum();
        int missing =
                Math.min(
                        Math.min(share() - shelf.size(), route.warm().sessions() - all),
                        OPENING_AT_ONCE - opening);
        for (; missing > 0; missing--) {
            opening++;
            shelf.opening++;
            Thread.ofVirtual().name("warm session " + route.name()).start(() -> open(told, shelf));
        }
    }

    private void open(Startup.Login told, Shelf shelf) {
        Optional<LoggedIn> opened = Optional.empty();
        try {
            opened = Optional.of(login.attempt(route, told, statistics));
        } catch (LoginFailure failure) {
            statistics.refused(clock.instant(), "warm_session", failure.getMessage());
        }
        boolean shelved = false;
        synchronized (this) {
            opening--;
            shelf.opening--;
            if (opened.isEmpty()) {
                pausedUntil = System.nanoTime() + route.circuitPause().toNanos();
            } else if (!closed && shelves.get(told) == shelf && shelf.size() < share()) {
                shelf.waiting.add(new Warm(opened.get(), told));
                statistics.warmOpen.increment();
                shelved = true;
            }
            fill(told);
        }
        if (!shelved) {
            opened.ifPresent(LoggedIn::leave);
        }
    }

    /** The session as its server speaks of it now; empty if it does not, or is another now. */
    private Optional<LoggedIn> answered(LoggedIn session) {
        Deadline deadline = Deadline.of(route.connectTimeout(), session.wire());
        try (deadline) {
            LoggedIn now = session.ask();
            if (route.target() == Route.Target.ANY
                    || now.inHotStandby().equals(session.inHotStandby())) {
                return Optional.of(now);
            }
            now.leave();
        } catch (IOException dead) {
            session.leave();
            if (deadline.passed()) {
                discardAllOf(session);
            }
        }
        return Optional.empty();
    }

    /** A host that does not answer for one session will not for the others. */
    private void discardAllOf(LoggedIn silent) {
        List<Warm> others = new ArrayList<>();
        synchronized (this) {
            for (Shelf shelf : shelves.values()) {
                for (Warm warm : List.copyOf(shelf.waiting)) {
                    if (warm.session.address().equals(silent.address())) {
                        shelf.waiting.remove(warm);
                        others.add(warm);
                    }
                }
            }
        }
        statistics.warmOpen.add(-others.size());
        statistics.warmDiscardedTotal.add(others.size());
        leave(others);
    }

    private void outlived(Startup.Login told, Warm warm) {
        synchronized (this) {
            Shelf shelf = shelves.get(told);
            if (shelf == null || !shelf.waiting.remove(warm)) {
                return;
            }
            statistics.warmOpen.decrement();
            long limit = route.warm().idleLimit().toNanos();
            if (System.nanoTime() - shelf.wantedAt < limit) {
                fill(told);
            } else if (shelf.size() == 0) {
                shelves.remove(told);
            }
        }
        warm.session.leave();
    }

    private void leave(List<Warm> sessions) {
        for (Warm warm : sessions) {
            warm.age.close();
            Thread.ofVirtual().start(() -> warm.session.leave());
        }
    }
}
