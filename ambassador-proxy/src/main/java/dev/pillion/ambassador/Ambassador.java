package dev.pillion.ambassador;

import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.http.HttpListener;
import dev.pillion.ambassador.listen.Listeners;
import dev.pillion.ambassador.listen.SocketListener;
import dev.pillion.ambassador.postgres.PostgresSessions;
import dev.pillion.ambassador.relay.Relay;
import dev.pillion.ambassador.routes.LiveRoutes;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteKey;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.RouteTable;
import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.ambassador.settings.Mount;
import dev.pillion.ambassador.settings.MountWatch;
import dev.pillion.ambassador.settings.MountedSettings;
import dev.pillion.ambassador.settings.ProcessSettings;
import dev.pillion.ambassador.tcp.TcpSessions;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The whole ambassador without its admin socket: what starts, in which order, and what stops. Plain
 * Java; a test makes it with {@code new}.
 */
public final class Ambassador implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Ambassador.class.getName());

    private final ProcessSettings settings;
    private final RouteStatistics.All statistics = new RouteStatistics.All();
    private final TlsContexts contexts = new TlsContexts();
    private final Listeners listeners = new Listeners(this::open);
    private final Relay relay;
    private final LiveRoutes routes;
    private final MountWatch watch;
    private final PostgresSessions postgres;
    private final TcpSessions tcp;
    private volatile boolean draining;

    /**
     * @param settings of the process
     * @throws IOException if the system has no selectors or watches to give
     */
    public Ambassador(ProcessSettings settings) throws IOException {
        this.settings = settings;
        Mount configMap = new Mount(settings.routesDirectory());
        Mount secret = new Mount(settings.secretsDirectory());
        MountedSettings mounted = new MountedSettings(configMap, secret, RouteKey.wholeNames());
        Clock clock = Clock.systemUTC();
        this.relay = new Relay(settings.relayThreads());
        this.routes =
                new LiveRoutes(
                        mounted::readRoutes,
                        this::apply,
                        settings.secretsDirectory().toString(),
                        clock);
        this.watch =
                new MountWatch(
                        List.of(configMap, secret), settings.reloadInterval(), this::changed);
        this.postgres = new PostgresSessions(relay, contexts, this::reread, clock);
        this.tcp = new TcpSessions(relay, contexts, clock);
    }

    /**
     * Opens the ports of the first configuration and watches for the next.
     *
     * @return what is wrong with it; nothing is open then
     */
    public List<Mistake> start() {
        String stamp = watch.stamp();
        List<Mistake> mistakes = routes.load();
        if (mistakes.isEmpty()) {
            watch.start(stamp);
        }
        return mistakes;
    }

    /** The configuration in use. */
    public LiveRoutes routes() {
        return routes;
    }

    /** What happened on each route. */
    public RouteStatistics.All statistics() {
        return statistics;
    }

    /** The open ports. */
    public Listeners listeners() {
        return listeners;
    }

    /** Whether it accepts nothing more, and lets sessions finish. */
    public boolean draining() {
        return draining;
    }

    /**
     * Accepts nothing more and lets sessions finish: the idle ones within drain-idle, those in a
     * transaction and requests within drain-grace. Then ends them.
     */
    @Override
    public void close() {
        draining = true;
        watch.close();
        long end = System.nanoTime() + settings.drainGrace().toNanos();
        List<Listeners.Listener> closed = listeners.close();
        postgres.drain();
        try {
            relay.drain(settings.drainIdle(), settings.drainGrace());
            for (Listeners.Listener listener : closed) {
                Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
                if (!listener.drained(left)) {
                    LOG.log(Level.WARNING, "requests were cut on {0}", listener.address());
                }
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        relay.close();
    }

    private List<Mistake> apply(RouteTable from, RouteTable to) {
        List<Mistake> mistakes =
                to.routes().stream()
                        .filter(route -> route.listen().port() == settings.port())
                        .filter(route -> settings.port() != 0)
                        .map(
                                route ->
                                        new Mistake(
                                                "route." + route.name() + ".listen",
                                                route.listen().toString(),
                                                "is the admin socket's server.port; choose"
                                                        + " another"))
                        .toList();
        if (mistakes.isEmpty()) {
            mistakes = listeners.apply(from, to);
        }
        if (mistakes.isEmpty()) {
            postgres.keep(to);
        }
        return mistakes;
    }

    private void changed() {
        try {
            routes.load();
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, "the changed configuration could not be applied", bug);
        }
    }

    private Optional<Route> reread(String route) {
        routes.load();
        return routes.state().table().route(route);
    }

    private Listeners.Listener open(Route route) throws IOException {
        RouteStatistics counts = statistics.of(route.name());
        return switch (route) {
            case Route.Http http ->
                    new HttpListener(
                            http,
                            settings.httpConnections(),
                            settings.httpIdle(),
                            contexts,
                            counts);
            case Route.Postgres any ->
                    new SocketListener(
                            any,
                            new SocketListener.Sessions() {
                                @Override
                                public void serve(Route now, SocketChannel channel, Runnable over) {
                                    postgres.serve((Route.Postgres) now, channel, counts, over);
                                }

                                @Override
                                public void refuse(Route now, SocketChannel channel) {
                                    postgres.refuse(
                                            (Route.Postgres) now,
                                            channel,
                                            "53300",
                                            "route "
                                                    + now.name()
                                                    + " has its max-sessions of "
                                                    + now.maxSessions()
                                                    + " open");
                                }
                            },
                            counts);
            case Route.Tcp any ->
                    new SocketListener(
                            any,
                            new SocketListener.Sessions() {
                                @Override
                                public void serve(Route now, SocketChannel channel, Runnable over) {
                                    tcp.serve((Route.Tcp) now, channel, counts, over);
                                }

                                @Override
                                public void refuse(Route now, SocketChannel channel) {
                                    try {
                                        channel.close();
                                    } catch (IOException gone) {
                                        LOG.log(Level.DEBUG, "gone before it was refused");
                                    }
                                }
                            },
                            counts);
        };
    }
}
