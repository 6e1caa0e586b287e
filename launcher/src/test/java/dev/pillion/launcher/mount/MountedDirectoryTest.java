package dev.pillion.launcher.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class MountedDirectoryTest {

    @TempDir Path folder;

    @Test
    void laysKeysOutAsLinksThroughData() throws IOException {
        mount().replace(Map.of("a", "1", "b", "2"));
        assertEquals(Path.of("..data/a"), Files.readSymbolicLink(folder.resolve("a")));
        assertTrue(Files.isSymbolicLink(folder.resolve("..data")));
        assertEquals("2", Files.readString(folder.resolve("b")));
    }

    @Test
    void replacesAllKeysAtOnceAndForgetsTheOldFolder() throws IOException {
        MountedDirectory mount = mount();
        mount.replace(Map.of("a", "1", "gone", "x"));
        Path before = Files.readSymbolicLink(folder.resolve("..data"));
        assertTrue(mount.replace(Map.of("a", "2", "new", "y")));
        assertEquals(List.of("..data", "a", "new"), visibleNames(before));
        assertEquals("2", Files.readString(folder.resolve("a")));
        assertFalse(Files.exists(folder.resolve(before), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void touchesNothingWhereNothingChanged() throws IOException {
        MountedDirectory mount = mount();
        mount.replace(Map.of("a", "1"));
        Path before = Files.readSymbolicLink(folder.resolve("..data"));
        assertFalse(mount.replace(Map.of("a", "1")));
        assertEquals(before, Files.readSymbolicLink(folder.resolve("..data")));
    }

    @Test
    void refusesWhatIsNoKeyOfAConfigMap() throws IOException {
        MountedDirectory mount = mount();
        for (String name : List.of("../a", "a/b", "..data", "")) {
            assertThrows(
                    IllegalArgumentException.class, () -> mount.replace(Map.of(name, "x")), name);
        }
    }

    private MountedDirectory mount() throws IOException {
        return new MountedDirectory(folder, Clock.systemUTC());
    }

    private List<String> visibleNames(Path before) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !name.startsWith("..2") || name.equals(before.toString()))
                    .sorted()
                    .toList();
        }
    }
}
