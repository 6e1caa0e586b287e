package dev.pillion.adapter;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Settings for tests: fast, and in the test's own folders. */
public final class Rig {

    private Rig() {}

    public static Settings settings(Path logs, Path state, URI endpoint, String... more) {
        Map<String, String> map = new HashMap<>();
        map.put("adapter.include", logs + "/*");
        map.put("adapter.endpoint", endpoint.toString());
        map.put("adapter.state-directory", state.toString());
        map.put("adapter.poll-interval", "PT0.01S");
        map.put("adapter.quiet-time", "PT0.05S");
        map.put("adapter.partial-line-time", "PT0.4S");
        map.put("adapter.retry.initial", "PT0.02S");
        map.put("adapter.retry.max", "PT0.1S");
        map.put("adapter.reconcile-interval", "PT0.1S");
        for (int i = 0; i < more.length; i += 2) {
            map.put(more[i], more[i + 1]);
        }
        try {
            return Settings.read(key -> Optional.ofNullable(map.get(key)));
        } catch (Settings.Mistakes e) {
            throw new AssertionError(e);
        }
    }

    public static Adapter start(Settings settings) throws IOException {
        return start(settings, "shop");
    }

    public static Adapter start(Settings settings, String service) throws IOException {
        Adapter adapter = new Adapter(settings, Map.of("service.name", service));
        adapter.start();
        return adapter;
    }
}
