package dev.pillion.ambassador.admin;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;

import java.util.List;

/**
 * The beans of this module, by name: to look for them would read every class of the jar at each
 * start. They are singletons, for which the container makes no proxy.
 */
public class Beans implements Extension {

    void add(@Observes BeforeBeanDiscovery discovery) {
        for (Class<?> bean : List.of(Admin.class, Health.class, Running.class)) {
            discovery.addAnnotatedType(bean, bean.getName());
        }
    }
}
