package dev.pillion.launcher.pods;

import dev.pillion.launcher.mount.FolderTree;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The ConfigMaps and Secrets of a rendering as folders, one file a key: to edit a file is to edit
 * the object.
 */
final class KeyFolders {

    private final Path folder;

    /** Below a folder. */
    KeyFolders(Path folder) {
        this.folder = folder;
    }

    Path configMap(String name) {
        return folder.resolve("configmaps").resolve(name);
    }

    Path secret(String name) {
        return folder.resolve("secrets").resolve(name);
    }

    /** Writes what was rendered, in place of what may be there. */
    void write(Rendering rendering) throws IOException {
        for (ConfigMap map : rendering.of(ConfigMap.class).toList()) {
            write(configMap(map.getMetadata().getName()), map.getData());
        }
        for (Secret secret : rendering.of(Secret.class).toList()) {
            write(secret(secret.getMetadata().getName()), Rendering.plain(secret));
        }
    }

    private static void write(Path object, Map<String, String> keys) throws IOException {
        FolderTree.delete(object);
        Files.createDirectories(object);
        for (Map.Entry<String, String> key : keys.entrySet()) {
            Files.writeString(object.resolve(key.getKey()), key.getValue());
        }
    }
}
