package dev.pillion.adapter.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which files of a tree are named by which globs. */
class GlobsTest {

    private static final int MANY = 100;

    @TempDir Path root;

    @BeforeEach
    void plant() throws IOException {
        for (String name :
                List.of(
                        "a/x.log",
                        "a/x.log.1",
                        "a/x.log.1.gz",
                        "a/x.txt",
                        "b/y.log",
                        "b/debug.log",
                        "b/deep/er/z.log",
                        "c1/logs/one.log",
                        "c2/logs/two.log",
                        "c2/other/three.log")) {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
    }

    private Globs globs(List<String> include, String... exclude) {
        return new Globs(
                include.stream().map(glob -> root + "/" + glob).toList(), List.of(exclude));
    }

    private List<String> names(List<Path> paths) {
        return paths.stream().map(path -> root.relativize(path).toString()).toList();
    }

    private void finds(List<String> names, List<String> include, String... exclude) {
        Globs globs = globs(include, exclude);
        assertEquals(names, names(globs.list(MANY)));
        // What is told of by name is judged alike.
        names.forEach(name -> assertTrue(globs.names(root.resolve(name)), name));
        assertFalse(globs.names(root.resolve("a/x.txt")));
    }

    @Test
    void findsFilesOfSeveralFolders() {
        finds(
                List.of("a/x.log", "a/x.log.1", "a/x.log.1.gz", "b/debug.log", "b/y.log"),
                List.of("a/x.log*", "b/*.log", "none/*"));
    }

    @Test
    void leavesOutWhatIsExcludedByNameOrByPath() {
        finds(
                List.of("a/x.log", "a/x.log.1", "b/y.log", "c1/logs/one.log"),
                List.of("*/*.log*", "*/logs/*"),
                "*.gz",
                "debug.*",
                root + "/c2/**");
    }

    @Test
    void walksFoldersWithWildcards() {
        finds(List.of("c1/logs/one.log", "c2/logs/two.log"), List.of("c*/logs/*.log"));
        finds(List.of("b/deep/er/z.log", "c2/other/three.log"), List.of("**/{z,three}.log"));
        finds(List.of("c1/logs/one.log"), List.of("c[1]/*/???.log"));
    }

    @Test
    void namesOneFileByItsPath() {
        finds(List.of("b/y.log"), List.of("b/y.log"));
    }

    @Test
    void findsNoMoreThanTheLimit() {
        assertEquals(4, globs(List.of("**")).list(4).size());
    }

    @Test
    void findsArchivesOfFilesThatAreNamed() {
        assertEquals(
                List.of("a/x.log.1.gz"), names(globs(List.of("a/*.log*"), "*.gz").archives(MANY)));
        assertEquals(List.of(), globs(List.of("a/*.txt"), "*.gz").archives(MANY));
    }

    /** Followed wherever they lead, but for those back to a folder above. */
    @Test
    void followsLinks() throws IOException {
        Files.createSymbolicLink(root.resolve("c1/logs/back"), root.resolve("c1"));
        Files.createSymbolicLink(root.resolve("d"), root.resolve("c2"));
        Files.createSymbolicLink(root.resolve("a/link.log"), root.resolve("b/y.log"));
        finds(List.of("a/link.log", "a/x.log"), List.of("a/*.log"));
        finds(List.of("d/logs/two.log", "d/other/three.log"), List.of("d/**"));
        finds(List.of("c1/logs/one.log"), List.of("c1/**"));
    }
}
