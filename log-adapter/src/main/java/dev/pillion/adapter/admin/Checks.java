package dev.pillion.adapter.admin;

import dev.pillion.adapter.Service;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * Live: the threads run. Ready: likewise, whatever the far end does; a log outage must not take the
 * application out of its Service. Started: the folders were looked at once.
 */
@Singleton
public class Checks {

    private final Service service;

    @Inject
    public Checks(Service service) {
        this.service = service;
    }

    @Produces
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.named("threads").status(alive()).build();
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> HealthCheckResponse.named("tail").status(alive()).build();
    }

    @Produces
    @Startup
    HealthCheck started() {
        return () ->
                HealthCheckResponse.named("first-scan")
                        .status(service.adapter() != null && service.adapter().tailer().started())
                        .build();
    }

    private boolean alive() {
        return service.adapter() != null && service.adapter().tailer().alive();
    }
}
