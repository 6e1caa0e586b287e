package dev.pillion.ambassador.settings;

import org.eclipse.microprofile.config.spi.ConfigSource;

import java.util.Map;
import java.util.Set;

/** What a {@link Mount} held at one moment, as a MicroProfile ConfigSource. Immutable. */
final class MountedConfigSource implements ConfigSource {

    private final String name;
    private final int ordinal;
    private final Map<String, String> values;

    MountedConfigSource(String name, int ordinal, Map<String, String> values) {
        this.name = name;
        this.ordinal = ordinal;
        this.values = Map.copyOf(values);
    }

    @Override
    public Map<String, String> getProperties() {
        return values;
    }

    @Override
    public Set<String> getPropertyNames() {
        return values.keySet();
    }

    @Override
    public String getValue(String key) {
        return values.get(key);
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getOrdinal() {
        return ordinal;
    }
}
