package dev.pillion.legacy;

import dev.pillion.legacy.logging.AccessLogFilter;
import dev.pillion.legacy.web.PageHeaders;

import io.helidon.microprofile.server.ServerCdiExtension;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.interceptor.Interceptor;

import java.time.Clock;
import java.time.ZoneId;

/** Puts the filters round every request, before the server listens. */
@ApplicationScoped
class Filters {

    void add(
            @Observes
                    @Priority(Interceptor.Priority.PLATFORM_BEFORE)
                    @Initialized(ApplicationScoped.class)
                    Object event,
            BeanManager beans) {
        var routing = beans.getExtension(ServerCdiExtension.class).serverRoutingBuilder();
        routing.addFilter(new AccessLogFilter(Clock.system(ZoneId.systemDefault())));
        routing.addFilter(new PageHeaders());
    }
}
