package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.helidon.service.registry.Lookup;
import io.helidon.service.registry.ServiceRegistry;
import io.helidon.service.registry.ServiceRegistryManager;

import org.junit.jupiter.api.Test;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

class HelidonServicesTest {

    /** Found on the class path, and of no use here. */
    private static final Set<String> LEFT_OUT =
            Set.of(
                    // For endpoints that Helidon's own annotations declare: there are none.
                    "io.helidon.common.mapper.DefaultResolverService",
                    "io.helidon.http.Headers",
                    "io.helidon.http.HttpPrologue",
                    "io.helidon.http.ServerRequestHeaders",
                    "io.helidon.webserver.http.HttpEntryPointsImpl",
                    "io.helidon.webserver.http.ServerRequest",
                    "io.helidon.webserver.http.ServerResponse",
                    // A web server that the registry starts: here the container does.
                    "io.helidon.webserver.LoomServer",
                    "io.helidon.webserver.WebServerService",
                    "io.helidon.webserver.WebServerStarterService",
                    // Settings are MicroProfile's, which reads properties by itself.
                    "io.helidon.config.spi.ConfigParser/io.helidon.config.PropertiesConfigParser");

    @Test
    void everyServiceThatIsFoundIsNamedOrLeftOutOnPurpose() {
        Set<String> decided = services(HelidonServices.registry());
        decided.addAll(LEFT_OUT);
        assertEquals(services(ServiceRegistryManager.create().registry()), decided);
    }

    private static Set<String> services(ServiceRegistry registry) {
        // A descriptor is called for its service; one of a service loader's providers says which.
        return registry.lookupServices(Lookup.EMPTY).stream()
                .map(Object::toString)
                .map(text -> text.replaceFirst("(__ServiceDescriptor@|\\().*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
