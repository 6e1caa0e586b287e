package dev.pillion.central.admin;

import dev.pillion.central.Central;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

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
@Singleton
public class StoreHealth implements HealthCheck {

    private final Central central;

    @Inject
    StoreHealth(Central central) {
        this.central = central;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("store")
                .status(central.alive())
                .withData("failure", central.failure())
                .build();
    }
}
