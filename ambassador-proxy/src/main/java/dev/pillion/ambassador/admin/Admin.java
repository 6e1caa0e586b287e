package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.Ambassador;

import io.helidon.microprofile.server.ServerCdiExtension;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;

/** Lays out the admin socket when the container has started, before its server does. */
@Singleton
public class Admin {

    private static final int BEFORE_SERVER = 4000;

    void layOut(
            @Observes @Priority(BEFORE_SERVER) @Initialized(ApplicationScoped.class) Object event,
            BeanManager beans,
            Running running) {
        Ambassador ambassador = running.ambassador();
        ServerCdiExtension server = beans.getExtension(ServerCdiExtension.class);
        server.serverRoutingBuilder()
                .register(
                        "/metrics",
                        new MetricsService(meters -> new RouteMetrics(meters).register(ambassador)))
                .register("/routes", new RoutesService(ambassador))
                .register("/", new PageService());
    }
}
