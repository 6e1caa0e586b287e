package dev.pillion.central.admin;

import dev.pillion.central.Central;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Up while the two threads live that everything depends on. A full disk does not make it unready:
 * reading goes on, and senders are told with 503.
 */
@Liveness
@Readiness
@Startup
@ApplicationScoped
public class StoreHealth implements HealthCheck {

    private final Central.Health health;

    /** For the container's proxy. */
    protected StoreHealth() {
        this(new Central.Health() {});
    }

    @Inject
    StoreHealth(Central.Health health) {
        this.health = health;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("store")
                .status(health.alive())
                .withData("failure", health.failure())
                .build();
    }
}
