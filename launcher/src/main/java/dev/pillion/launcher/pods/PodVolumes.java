package dev.pillion.launcher.pods;

import dev.pillion.launcher.mount.MountedDirectory;
import dev.pillion.launcher.mount.Projection;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The volumes of one pod as directories of this machine: an emptyDir and a claim are empty ones, a
 * ConfigMap or Secret is one in which the keys of its folder appear.
 */
final class PodVolumes {

    private final Path folder;
    private final Map<String, Path> directories = new LinkedHashMap<>();
    private final List<Projection> projections = new ArrayList<>();

    /**
     * Creates the directories.
     *
     * @param folder for this pod alone
     * @throws IOException if a volume is of a kind that is not known here
     */
    PodVolumes(Path folder, Workload workload, KeyFolders keys) throws IOException {
        this.folder = folder;
        for (Volume volume : workload.pod().getSpec().getVolumes()) {
            if (volume.getEmptyDir() != null) {
                addEmpty(volume.getName());
            } else if (volume.getConfigMap() != null) {
                addKeys(
                        volume.getName(),
                        keys.configMap(volume.getConfigMap().getName()),
                        volume.getConfigMap().getItems(),
                        Boolean.TRUE.equals(volume.getConfigMap().getOptional()));
            } else if (volume.getSecret() != null) {
                addKeys(
                        volume.getName(),
                        keys.secret(volume.getSecret().getSecretName()),
                        volume.getSecret().getItems(),
                        Boolean.TRUE.equals(volume.getSecret().getOptional()));
            } else {
                throw new IOException(
                        workload.name() + ": volume " + volume.getName() + " is of no known kind");
            }
        }
        for (var container : workload.containers()) {
            for (VolumeMount mount : container.getVolumeMounts()) {
                if (!directories.containsKey(mount.getName())) {
                    // A claim of a StatefulSet's template.
                    addEmpty(mount.getName());
                }
            }
        }
    }

    /** A user of the container writes there, so everybody may, as kubelet has it. */
    private void addEmpty(String name) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        directories.put(name, directory);
    }

    private void addKeys(String name, Path object, List<KeyToPath> items, boolean optional)
            throws IOException {
        if (!optional && !Files.isDirectory(object)) {
            throw new IOException(
                    object.getParent().getFileName()
                            + "/"
                            + object.getFileName()
                            + " is not there");
        }
        Map<String, String> names = new LinkedHashMap<>();
        items.forEach(item -> names.put(item.getKey(), item.getPath()));
        MountedDirectory mounted = new MountedDirectory(folder.resolve(name), Clock.systemUTC());
        projections.add(new Projection(object, mounted, names));
        directories.put(name, mounted.path());
    }

    /** What is to be kept up to date. */
    List<Projection> projections() {
        return List.copyOf(projections);
    }

    /** As {@code podman run --volume} wants it. */
    String option(VolumeMount mount) {
        return directories.get(mount.getName())
                + ":"
                + mount.getMountPath()
                + (Boolean.TRUE.equals(mount.getReadOnly()) ? ":ro" : "");
    }
}
