package dev.pillion.ambassador.settings;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All settings of one moment through MicroProfile Config: system properties (400) over environment
 * (300) over the Secret (250) over the ConfigMap (200) over the file in the jar (100). A new Config
 * is built at each reading, so that a moment is whole. Stateless; any thread may call it.
 *
 * @see dev.pillion.ambassador.routes.RouteTableParser the next hop
 */
public final class MountedSettings {

    private static final int SECRET_ORDINAL = 250;
    private static final int CONFIG_MAP_ORDINAL = 200;
    private static final String ROUTE_PREFIX = "route.";

    private final Mount routes;
    private final Mount secrets;
    private final Set<String> routeKeys;

    /**
     * @param routes the ConfigMap's mount
     * @param secrets the Secret's mount
     * @param routeKeys known keys of a route ({@code upstream}, {@code password}, …): only these
     *     can be found in the environment, whose names do not tell where the dots were
     */
    public MountedSettings(Mount routes, Mount secrets, Set<String> routeKeys) {
        this.routes = routes;
        this.secrets = secrets;
        this.routeKeys = Set.copyOf(routeKeys);
    }

    /** Settings without mounts: properties, environment and the file in the jar. */
    public static Config withoutMounts() {
        return ConfigProviderResolver.instance().getBuilder().addDefaultSources().build();
    }

    /** A value as it was written: MicroProfile would expand a password's <code>${</code>. */
    public static Optional<String> raw(Config config, String key) {
        return Optional.ofNullable(config.getConfigValue(key).getRawValue());
    }

    /**
     * The {@code route.*} properties of this moment, highest ordinal first.
     *
     * @throws IOException if a mounted file cannot be read; the message names it
     */
    public Map<String, String> readRoutes() throws IOException {
        Config config =
                ConfigProviderResolver.instance()
                        .getBuilder()
                        .addDefaultSources()
                        .withSources(
                                new MountedConfigSource(
                                        "Secret at " + secrets.directory(),
                                        SECRET_ORDINAL,
                                        secrets.read()),
                                new MountedConfigSource(
                                        "ConfigMap at " + routes.directory(),
                                        CONFIG_MAP_ORDINAL,
                                        routes.read()))
                        .build();
        Map<String, String> properties = new TreeMap<>();
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(ROUTE_PREFIX)) {
                raw(config, name).ifPresent(value -> properties.put(name, value));
                int end = name.indexOf('.', ROUTE_PREFIX.length());
                if (end > 0) {
                    for (String key : routeKeys) {
                        String full = name.substring(0, end + 1) + key;
                        raw(config, full).ifPresent(value -> properties.put(full, value));
                    }
                }
            }
        }
        return properties;
    }

    /** The Secret's directory, for messages that say where a credential belongs. */
    public Mount secrets() {
        return secrets;
    }
}
