package dev.pillion.launcher.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder that a person edits, one file a key, and the directory in which its keys appear.
 *
 * @param edited the ConfigMap or Secret
 * @param mounted the volume that shows it
 * @param items as a volume's {@code items}: key to file name; if empty, every key under its own
 *     name
 */
public record Projection(Path edited, MountedDirectory mounted, Map<String, String> items) {

    /** Checks nothing; what a wrong key name does is said by {@link #update}. */
    public Projection {
        items = Map.copyOf(items);
    }

    /** Every key under its own name. */
    public Projection(Path edited, MountedDirectory mounted) {
        this(edited, mounted, Map.of());
    }

    /**
     * Shows what is in the folder now. A folder that is not there is a ConfigMap without keys.
     *
     * @return whether something changed
     */
    public boolean update() throws IOException {
        Map<String, String> keys = keys();
        if (items.isEmpty()) {
            return mounted.replace(keys);
        }
        Map<String, String> chosen = new TreeMap<>();
        items.forEach(
                (key, name) -> {
                    if (keys.containsKey(key)) {
                        chosen.put(name, keys.get(key));
                    }
                });
        return mounted.replace(chosen);
    }

    /** The folder's plain files; what editors leave beside them (dot files, backups) is no key. */
    private Map<String, String> keys() throws IOException {
        Map<String, String> keys = new TreeMap<>();
        if (!Files.isDirectory(edited)) {
            return keys;
        }
        try (Stream<Path> files = Files.list(edited)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(".") || name.endsWith("~")) {
                    continue;
                }
                keys.put(name, Files.readString(file));
            }
        }
        return keys;
    }
}
