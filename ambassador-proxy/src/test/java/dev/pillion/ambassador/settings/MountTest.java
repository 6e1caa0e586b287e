package dev.pillion.ambassador.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pillion.launcher.mount.MountedDirectory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

class MountTest {

    @TempDir Path folder;

    @Test
    void readsWhatKubeletMountsAndSeesItChange() throws IOException {
        MountedDirectory mounted = new MountedDirectory(folder.resolve("m"), Clock.systemUTC());
        Mount mount = new Mount(mounted.path());
        mounted.replace(Map.of("a", "1\n", "b", " 2 \r\n", "c", "\n\n"));
        assertEquals(Map.of("a", "1", "b", " 2 ", "c", "\n"), mount.read());
        String before = mount.stamp();
        assertEquals(before, mount.stamp());
        mounted.replace(Map.of("a", "3"));
        assertNotEquals(before, mount.stamp());
        assertEquals(Map.of("a", "3"), mount.read());
    }

    @Test
    void readsPlainFilesAndNothingWhereNothingIs() throws IOException {
        assertEquals(Map.of(), new Mount(folder.resolve("absent")).read());
        Files.writeString(folder.resolve("route.x.protocol"), "tcp");
        Files.writeString(folder.resolve(".hidden"), "no");
        Files.createDirectory(folder.resolve("sub"));
        Mount mount = new Mount(folder);
        assertEquals(Map.of("route.x.protocol", "tcp"), mount.read());
        String before = mount.stamp();
        Files.writeString(folder.resolve("route.x.protocol"), "http");
        assertNotEquals(before, mount.stamp());
    }

    @Test
    void refusesAFileNoConfigMapCouldHold() throws IOException {
        Files.write(folder.resolve("large"), new byte[Mount.MAX_FILE_BYTES + 1]);
        assertThrows(IOException.class, () -> new Mount(folder).read());
    }

    @Test
    void takesTheSecretBeforeTheConfigMapAndAPropertyBeforeBoth() throws IOException {
        MountedDirectory routes = new MountedDirectory(folder.resolve("r"), Clock.systemUTC());
        MountedDirectory secrets = new MountedDirectory(folder.resolve("s"), Clock.systemUTC());
        routes.replace(Map.of("route.mt.user", "map", "route.mt.listen", "1", "other", "x"));
        secrets.replace(Map.of("route.mt.user", "secret", "route.mt.password", "a${b}\\c"));
        MountedSettings settings =
                new MountedSettings(
                        new Mount(routes.path()), new Mount(secrets.path()), Set.of("listen"));
        System.setProperty("route.mt.listen", "2");
        try {
            assertEquals(
                    Map.of(
                            "route.mt.user", "secret",
                            "route.mt.password", "a${b}\\c",
                            "route.mt.listen", "2"),
                    settings.readRoutes());
        } finally {
            System.clearProperty("route.mt.listen");
        }
    }
}
