package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.RouteTable;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The stock of each route that wants one (warm-sessions): upstream sessions for an application that
 * connects anew for every transaction. Thread-safe.
 */
final class WarmSessions {

    private final Login login;
    private final Clock clock;

    /** By the route's name. Guarded by this. */
    private final Map<String, WarmStock> stocks = new HashMap<>();

    /** Guarded by this. */
    private RouteTable current = RouteTable.EMPTY;

    WarmSessions(Login login, Clock clock) {
        this.login = login;
        this.clock = clock;
    }

    /** Where a client that asks for this may find a session; empty if none is kept for such. */
    Optional<WarmStock> stock(
            Route.Postgres route, Startup.Login asked, RouteStatistics statistics) {
        // A walsender has a slot of its own on the server, and is not opened for each transaction.
        if (route.warm().sessions() == 0 || asked.parameters().containsKey("replication")) {
            return Optional.empty();
        }
        synchronized (this) {
            return isCurrent(route)
                    ? Optional.of(
                            stocks.computeIfAbsent(
                                    route.name(),
                                    name -> new WarmStock(route, login, statistics, clock)))
                    : Optional.empty();
        }
    }

    /** Discards whatever was opened for routes that are not in this table as they were. */
    synchronized void keep(RouteTable table) {
        current = table;
        stocks.values()
                .removeIf(
                        stock -> {
                            boolean changed = !isCurrent(stock.route());
                            if (changed) {
                                stock.close();
                            }
                            return changed;
                        });
    }

    private boolean isCurrent(Route.Postgres route) {
        return current.route(route.name()).filter(route::equals).isPresent();
    }
}
