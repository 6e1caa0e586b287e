package dev.pillion.ambassador.http;

import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.listen.Listeners;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One port for requests: a small web server of its own, because routes come and go. */
public final class HttpListener implements Listeners.Listener {

    private static final long BOUND_POLL_NANOS = 1_000_000;

    /** An idle connection stays for a quarter longer than it may, at most. */
    private static final int LOOKS_AN_IDLE_TIME = 4;

    private final CountDownLatch drained = new CountDownLatch(1);
    private final WebServer server;
    private final Forwarder forwarder;
    private final InetSocketAddress address;

    /**
     * Binds and serves from now on.
     *
     * @param connections that are served at one time; others wait to be accepted
     * @param idle how long a client may keep the listener waiting: for a request, for all of its
     *     headers, for more of a body, and before it takes more of an answer
     * @throws IOException if the port cannot be bound
     */
    public HttpListener(
            Route.Http route,
            int connections,
            Duration idle,
            TlsContexts contexts,
            RouteStatistics statistics)
            throws IOException {
        InetAddress host = InetAddress.getByName(route.listen().host());
        if (host == null) {
            throw new UnknownHostException(route.listen().host());
        }
        InetSocketAddress wanted = new InetSocketAddress(host, route.listen().port());
        // Helidon logs that it cannot be bound, and goes on without.
        Listeners.bindForAMoment(wanted);
        this.forwarder = new Forwarder(route, contexts, statistics);
        this.server =
                WebServer.builder()
                        .featuresDiscoverServices(false)
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(
                                WatchedHttp1Provider.selector(
                                        Http1Config.create(), Client.Whole.HEAD))
                        .shutdownHook(false)
                        .shutdownGracePeriod(route.requestTimeout())
                        .address(host)
                        .port(wanted.getPort())
                        .maxTcpConnections(connections)
                        .idleConnectionTimeout(idle)
                        .idleConnectionPeriod(
                                Duration.ofMillis(
                                        Math.max(1, idle.toMillis() / LOOKS_AN_IDLE_TIME)))
                        .routing(routing -> routing.any(forwarder::forward))
                        .build()
                        .start();
        if (!server.isRunning()) {
            forwarder.close();
            throw new BindException("Address already in use");
        }
        this.address = new InetSocketAddress(host, server.port());
    }

    @Override
    public void serve(Route route) {
        forwarder.serve((Route.Http) route);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    /**
     * The port is free when this returns. Requests in flight go on, no longer than the
     * request-timeout that the route began with.
     */
    @Override
    public void close() {
        Thread stopping =
                Thread.ofPlatform()
                        .name("drain " + address)
                        .start(
                                () -> {
                                    server.stop();
                                    forwarder.close();
                                    drained.countDown();
                                });
        // Letting go of the port is the first thing it does.
        while (stopping.isAlive() && bound()) {
            LockSupport.parkNanos(BOUND_POLL_NANOS);
        }
    }

    @Override
    public boolean drained(Duration limit) throws InterruptedException {
        return drained.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private boolean bound() {
        try {
            Listeners.bindForAMoment(address);
            return false;
        } catch (IOException taken) {
            return true;
        }
    }
}
