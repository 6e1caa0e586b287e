package dev.pillion.ambassador.listen;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteTable;
import dev.pillion.ambassador.settings.Mistake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All open ports, by the route they serve. A change opens the new ones first and only then closes
 * the old: if one cannot be opened, nothing has changed. Guarded by its own lock.
 */
public final class Listeners {

    /** An open port. */
    public interface Listener {

        /** Serves this route from the next connection on. */
        void serve(Route route);

        /** The address it is bound to, with its true port. */
        InetSocketAddress address();

        /** Accepts nothing more; sessions live on. The port is free when this returns. */
        void close();

        /**
         * Waits for what was in flight at {@link #close}, where nobody else does.
         *
         * @return whether nothing is left
         */
        default boolean drained(Duration limit) throws InterruptedException {
            return true;
        }
    }

    /** Opens a port for a protocol. */
    @FunctionalInterface
    public interface Opener {
        /**
         * @throws IOException if the port cannot be bound
         */
        Listener open(Route route) throws IOException;
    }

    private final Opener opener;
    private final Map<String, Listener> open = new TreeMap<>();

    /** Of routes that went, while requests are in flight there. */
    private final List<Listener> leaving = new ArrayList<>();

    /**
     * @param opener makes a listener that fits the route's protocol
     */
    public Listeners(Opener opener) {
        this.opener = opener;
    }

    /**
     * Makes the ports those of the new table.
     *
     * @return empty if it is so now, otherwise why all is as it was
     */
    public synchronized List<Mistake> apply(RouteTable from, RouteTable to) {
        Map<String, Route> toOpen = new LinkedHashMap<>();
        Map<String, Route> toKeep = new LinkedHashMap<>();
        for (Route route : to.routes()) {
            Optional<Route> before = from.route(route.name());
            boolean kept =
                    open.containsKey(route.name())
                            && before.isPresent()
                            && before.get().listen().equals(route.listen())
                            && before.get().protocol() == route.protocol();
            (kept ? toKeep : toOpen).put(route.name(), route);
        }
        List<String> toClose =
                open.keySet().stream().filter(name -> !toKeep.containsKey(name)).toList();

        // A port that moves from one route to another must be let go first.
        List<Route> released = new ArrayList<>();
        for (String name : toClose) {
            from.route(name)
                    .filter(old -> takenBy(toOpen, old.listen()))
                    .ifPresent(
                            old -> {
                                leave(open.remove(name));
                                released.add(old);
                            });
        }
        Map<String, Listener> opened = new LinkedHashMap<>();
        List<Mistake> mistakes = new ArrayList<>();
        for (Route route : toOpen.values()) {
            try {
                opened.put(route.name(), opener.open(route));
            } catch (IOException unbound) {
                mistakes.add(
                        new Mistake(
                                "route." + route.name() + ".listen",
                                route.listen().toString(),
                                why(unbound)));
            }
        }
        if (!mistakes.isEmpty()) {
            opened.values().forEach(Listener::close);
            for (Route old : released) {
                try {
                    open.put(old.name(), opener.open(old));
                } catch (IOException lost) {
                    mistakes.add(
                            new Mistake(
                                    "route." + old.name() + ".listen",
                                    old.listen().toString(),
                                    why(lost)));
                }
            }
            return mistakes;
        }
        for (String name : toClose) {
            Listener listener = open.remove(name);
            if (listener != null) {
                leave(listener);
            }
        }
        open.putAll(opened);
        toKeep.forEach((name, route) -> open.get(name).serve(route));
        return List.of();
    }

    /** The address a route listens on now. */
    public synchronized Optional<InetSocketAddress> address(String route) {
        return Optional.ofNullable(open.get(route)).map(Listener::address);
    }

    /**
     * Accepts nothing more, anywhere.
     *
     * @return what was open, or has been closed with requests in flight, to wait for
     */
    public synchronized List<Listener> close() {
        open.values().forEach(this::leave);
        open.clear();
        return List.copyOf(leaving);
    }

    private void leave(Listener listener) {
        listener.close();
        leaving.removeIf(Listeners::gone);
        leaving.add(listener);
    }

    private static boolean gone(Listener closed) {
        try {
            return closed.drained(Duration.ZERO);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean takenBy(Map<String, Route> routes, HostPort address) {
        return routes.values().stream().anyMatch(route -> route.listen().equals(address));
    }

    /**
     * For servers that do not say when they could not bind.
     *
     * @throws IOException if the port cannot be bound just now
     */
    public static void bindForAMoment(InetSocketAddress address) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        }
    }

    private static String why(IOException unbound) {
        if (unbound instanceof UnknownHostException) {
            return "is no address of this machine; write 127.0.0.1:port";
        }
        return "cannot be bound ("
                + unbound.getMessage()
                + "); stop what uses the port, or choose another";
    }
}
