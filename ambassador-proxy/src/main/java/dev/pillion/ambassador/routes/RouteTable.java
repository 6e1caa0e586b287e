package dev.pillion.ambassador.routes;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** All routes of one configuration, by name. Immutable. */
public final class RouteTable {

    /** What is before the first configuration. */
    public static final RouteTable EMPTY = new RouteTable(Map.of());

    private final Map<String, Route> routes;

    RouteTable(Map<String, Route> routes) {
        this.routes = java.util.Collections.unmodifiableMap(new TreeMap<>(routes));
    }

    /** In the order of their names. */
    public Collection<Route> routes() {
        return routes.values();
    }

    /**
     * @param name a route's name
     * @return empty if there is none of that name
     */
    public java.util.Optional<Route> route(String name) {
        return java.util.Optional.ofNullable(routes.get(name));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RouteTable table && table.routes.equals(routes);
    }

    @Override
    public int hashCode() {
        return routes.hashCode();
    }
}
