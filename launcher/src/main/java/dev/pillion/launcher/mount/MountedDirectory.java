package dev.pillion.launcher.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory laid out as kubelet lays out a mounted ConfigMap or Secret: the keys are links
 * through {@code ..data} into a time-stamped folder, and an update replaces {@code ..data} by one
 * rename, so that a reader sees all of the old keys or all of the new ones.
 *
 * <p>The order of steps is that of Kubernetes' {@code pkg/volume/util/atomic_writer.go}. Not
 * thread-safe.
 */
public final class MountedDirectory {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.nnnnnnnnn")
                    .withZone(ZoneOffset.UTC);
    private static final String DATA = "..data";

    private final Path directory;
    private final Clock clock;

    /**
     * Creates the directory if it is absent; it has no keys until {@link #replace} is called.
     *
     * @param directory where the keys appear
     * @param clock names the time-stamped folders
     */
    public MountedDirectory(Path directory, Clock clock) throws IOException {
        this.directory = directory;
        this.clock = clock;
        Files.createDirectories(directory);
    }

    /** Where the keys appear. */
    public Path path() {
        return directory;
    }

    /**
     * Makes these the keys, all at once. Where nothing would change nothing is touched, as kubelet
     * does.
     *
     * @param keys file name to content; a name must match {@code [-._a-zA-Z0-9]+} (the rule for
     *     keys of a ConfigMap)
     * @return whether something changed
     */
    public boolean replace(Map<String, String> keys) throws IOException {
        for (String key : keys.keySet()) {
            if (!key.matches("[-._a-zA-Z0-9]{1,253}") || key.startsWith("..")) {
                throw new IllegalArgumentException("'" + key + "' is no key of a ConfigMap");
            }
        }
        Path link = directory.resolve(DATA);
        Path old =
                Files.isSymbolicLink(link) ? directory.resolve(Files.readSymbolicLink(link)) : null;
        if (old != null && keys.equals(read(old))) {
            return false;
        }
        Path fresh = directory.resolve(STAMP.format(clock.instant()));
        Files.createDirectory(
                fresh,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (Map.Entry<String, String> key : keys.entrySet()) {
            Files.writeString(fresh.resolve(key.getKey()), key.getValue());
        }
        Path temporary = directory.resolve("..data_tmp");
        Files.deleteIfExists(temporary);
        Files.createSymbolicLink(temporary, fresh.getFileName());
        Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
        linkKeys(keys.keySet());
        if (old != null) {
            FolderTree.delete(old);
        }
        return true;
    }

    private void linkKeys(Set<String> keys) throws IOException {
        Set<String> unlinked = new HashSet<>(keys);
        for (Path entry : entries(directory)) {
            String name = entry.getFileName().toString();
            if (name.startsWith("..")) {
                continue;
            }
            if (!unlinked.remove(name)) {
                Files.delete(entry);
            }
        }
        for (String key : unlinked) {
            Files.createSymbolicLink(directory.resolve(key), Path.of(DATA, key));
        }
    }

    private static Map<String, String> read(Path folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        for (Path entry : entries(folder)) {
            found.put(entry.getFileName().toString(), Files.readString(entry));
        }
        return found;
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
