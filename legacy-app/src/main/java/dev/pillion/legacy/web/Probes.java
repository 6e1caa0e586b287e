package dev.pillion.legacy.web;

import dev.pillion.legacy.partner.RatesBoard;
import dev.pillion.legacy.store.OrderStore;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * What the probes say. Ready means: it answers requests, if only to say that the database is away;
 * taking it out of its Service would not bring the database back, and the page could no longer say
 * why. The data beside the status tells the difference.
 */
@ApplicationScoped
public class Probes {

    @Inject private OrderStore store;
    @Inject private RatesBoard rates;

    @Produces
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.up("order-desk");
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () ->
                HealthCheckResponse.named("order-desk")
                        .up()
                        .withData("database", store.reachable() ? "reachable" : "unreachable")
                        .withData(
                                "partner",
                                rates.reading().problem().isEmpty() ? "reachable" : "unreachable")
                        .build();
    }

    @Produces
    @Startup
    HealthCheck started() {
        return () -> HealthCheckResponse.up("order-desk");
    }
}
