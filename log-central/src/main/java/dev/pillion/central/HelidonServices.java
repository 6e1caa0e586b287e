package dev.pillion.central;

import io.helidon.common.config.ConfigFactory__ServiceDescriptor;
import io.helidon.common.mapper.DefaultMapperProvider__ServiceDescriptor;
import io.helidon.common.mapper.MappersFactory__ServiceDescriptor;
import io.helidon.common.mapper.MappersImpl__ServiceDescriptor;
import io.helidon.config.ConfigProvider__ServiceDescriptor;
import io.helidon.config.ConfigurationValueFactory__ServiceDescriptor;
import io.helidon.config.MetaConfigFactory__ServiceDescriptor;
import io.helidon.service.registry.EventManagerImpl__ServiceDescriptor;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.PerRequestScopeHandler__ServiceDescriptor;
import io.helidon.service.registry.ServiceDescriptor;
import io.helidon.service.registry.ServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.RequestScopeFeatureProvider__ServiceDescriptor;

import java.util.List;

/**
 * What is in Helidon's service registry, by name. To look for it would read a descriptor of each of
 * its libraries at every start, and make a bean of each service: a tenth of the time until ready.
 *
 * <p>{@code HelidonServicesTest} knows why the others are not in it, and fails when an update of
 * Helidon brings one that nobody has decided on.
 */
final class HelidonServices {

    private static final List<ServiceDescriptor<?>> NAMED =
            List.of(
                    ConfigFactory__ServiceDescriptor.INSTANCE,
                    ConfigProvider__ServiceDescriptor.INSTANCE,
                    ConfigurationValueFactory__ServiceDescriptor.INSTANCE,
                    MetaConfigFactory__ServiceDescriptor.INSTANCE,
                    DefaultMapperProvider__ServiceDescriptor.INSTANCE,
                    MappersFactory__ServiceDescriptor.INSTANCE,
                    MappersImpl__ServiceDescriptor.INSTANCE,
                    EventManagerImpl__ServiceDescriptor.INSTANCE,
                    PerRequestScopeHandler__ServiceDescriptor.INSTANCE,
                    RequestScopeFeatureProvider__ServiceDescriptor.INSTANCE);

    private HelidonServices() {}

    /** Before anything asks for configuration: that would make a registry of all that is found. */
    static void register() {
        // Nor is there anything to find in what the libraries tell of themselves
        // (META-INF/helidon).
        System.setProperty("io.helidon.metadata.mode", "none");
        GlobalServiceRegistry.registry(registry());
    }

    static ServiceRegistry registry() {
        return ServiceRegistryManager.create(
                        ServiceRegistryConfig.builder()
                                .discoverServices(false)
                                .discoverServicesFromServiceLoader(false)
                                .serviceDescriptors(NAMED)
                                .build())
                .registry();
    }
}
