package dev.pillion.launcher.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Plays kubelet's part on a machine without Kubernetes: a plain folder, one file a key, is the
 * ConfigMap or Secret that a person edits; what changes there appears in the mounted directory all
 * at once.
 *
 * <p>One virtual thread, woken once per period, ended by {@link #close}.
 */
public final class Kubelet implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(500);

    private final Map<Path, MountedDirectory> mounts;
    private final Thread thread;

    /**
     * Projects each folder once, then keeps doing so.
     *
     * @param mounts folder that is edited, to the directory it is mounted as
     */
    public Kubelet(Map<Path, MountedDirectory> mounts) throws IOException {
        this.mounts = Map.copyOf(mounts);
        for (Map.Entry<Path, MountedDirectory> mount : this.mounts.entrySet()) {
            mount.getValue().replace(keys(mount.getKey()));
        }
        this.thread = Thread.ofVirtual().name("kubelet").start(this::keepProjecting);
    }

    private void keepProjecting() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                for (Map.Entry<Path, MountedDirectory> mount : mounts.entrySet()) {
                    project(mount.getKey(), mount.getValue());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private static void project(Path folder, MountedDirectory mount) {
        try {
            mount.replace(keys(folder));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("not mounted: " + folder + ": " + e.getMessage());
        }
    }

    /** The folder's plain files; what editors leave beside them (dot files, backups) is no key. */
    private static Map<String, String> keys(Path folder) throws IOException {
        Map<String, String> keys = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
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

    /** Stops projecting; what is mounted stays. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
