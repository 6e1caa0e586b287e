package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.Ambassador;
import dev.pillion.ambassador.routes.LiveRoutes;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Ready means that the ports are open, so no longer after SIGTERM. An upstream that is down does
 * not count: the application must not be taken out of its Service for it, and restarting the
 * ambassador would not help.
 */
@Singleton
public class Health {

    @Produces
    @Startup
    HealthCheck started(Running running) {
        return () ->
                HealthCheckResponse.named("started")
                        .status(running.ambassador().routes().state().generation() > 0)
                        .build();
    }

    @Produces
    @Readiness
    HealthCheck ready(Running running) {
        return () -> listening(running.ambassador());
    }

    @Produces
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.up("process");
    }

    private static HealthCheckResponse listening(Ambassador ambassador) {
        LiveRoutes.State state = ambassador.routes().state();
        return HealthCheckResponse.named("listening")
                .status(state.generation() > 0 && !ambassador.draining())
                .withData("routes", state.table().routes().size())
                .withData("generation", state.generation())
                .withData("draining", ambassador.draining())
                .build();
    }
}
