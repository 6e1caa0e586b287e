package dev.pillion.ambassador.http;

import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.listen.Listeners;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import io.helidon.webserver.WebServer;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** One port for requests: a small web server of its own, because routes come and go. */
public final class HttpListener implements Listeners.Listener {

    private final WebServer server;
    private final Forwarder forwarder;
    private final InetSocketAddress address;

    /**
     * Binds and serves from now on.
     *
     * @throws IOException if the port cannot be bound
     */
    public HttpListener(Route.Http route, TlsContexts contexts, RouteStatistics statistics)
            throws IOException {
        this.forwarder = new Forwarder(route, contexts, statistics);
        InetAddress host = InetAddress.getByName(route.listen().host());
        if (host == null) {
            throw new UnknownHostException(route.listen().host());
        }
        WebServer made =
                WebServer.builder()
                        .featuresDiscoverServices(false)
                        .shutdownHook(false)
                        .address(host)
                        .port(route.listen().port())
                        .routing(routing -> routing.any(forwarder::forward))
                        .build();
        try {
            this.server = made.start();
        } catch (RuntimeException unbound) {
            forwarder.close();
            String why = unbound.getCause() == null ? "" : unbound.getCause().getMessage();
            throw (IOException)
                    new BindException(why == null ? "cannot be bound" : why).initCause(unbound);
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

    @Override
    public void close() {
        server.stop();
        forwarder.close();
    }
}
