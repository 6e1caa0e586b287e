package dev.pillion.ambassador.admin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.info.Info;

import java.util.Set;

/** The resources of the admin socket. */
@ApplicationScoped
@ApplicationPath("/")
@OpenAPIDefinition(
        info =
                @Info(
                        title = "ambassador-proxy",
                        version = "0.1.0",
                        description = "Routes of the ambassador and how they do."))
public class AdminApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(RoutesResource.class, PageResource.class);
    }
}
