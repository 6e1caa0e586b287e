package dev.pillion.ambassador.admin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

import java.util.Set;

/** The resources of the admin socket. */
@ApplicationScoped
@ApplicationPath("/")
public class AdminApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(RoutesResource.class, PageResource.class);
    }
}
