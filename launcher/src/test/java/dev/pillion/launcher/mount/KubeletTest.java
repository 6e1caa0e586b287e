package dev.pillion.launcher.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

class KubeletTest {

    @TempDir Path folder;

    @Test
    void carriesAnEditIntoTheMount() throws IOException {
        Path edited = Files.createDirectory(folder.resolve("configmap"));
        Files.writeString(edited.resolve("route.a.listen"), "127.0.0.1:1");
        Files.writeString(edited.resolve(".route.a.listen.swp"), "an editor's");
        MountedDirectory mount = new MountedDirectory(folder.resolve("mount"), Clock.systemUTC());
        Kubelet kubelet = new Kubelet(List.of(new Projection(edited, mount)));
        try (kubelet;
                WatchService swaps = mount.path().getFileSystem().newWatchService()) {
            Path key = mount.path().resolve("route.a.listen");
            assertEquals("127.0.0.1:1", Files.readString(key));
            mount.path().register(swaps, StandardWatchEventKinds.ENTRY_CREATE);
            Files.writeString(edited.resolve("route.a.listen"), "127.0.0.1:2");
            assertTimeoutPreemptively(
                    Duration.ofSeconds(10),
                    () -> {
                        while (!Files.readString(key).equals("127.0.0.1:2")) {
                            swaps.take().reset();
                        }
                    });
        }
    }
}
