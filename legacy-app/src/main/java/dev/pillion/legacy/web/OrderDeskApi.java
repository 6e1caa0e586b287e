package dev.pillion.legacy.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.info.Info;

import java.util.Set;

/** What is served under {@code /api}. */
@ApplicationScoped
@ApplicationPath("/api")
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Order desk",
                        version = "1",
                        description = "Place orders, list them, read the partner's rates."))
public class OrderDeskApi extends Application {
    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(
                OrdersResource.class,
                ItemsResource.class,
                RatesResource.class,
                Problems.StoreDown.class,
                Problems.PartnerDown.class,
                Problems.Refused.class,
                Problems.Unreadable.class,
                Problems.Other.class);
    }
}
