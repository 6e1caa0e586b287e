package dev.pillion.adapter.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;

/** What the file system tells of, and when it is no longer relied upon. */
class WatchTest {

    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();
    private static final long MOMENT = Duration.ofMillis(1).toNanos();

    @TempDir Path folder;

    @Test
    void tellsOfGrowthAndOfNewFiles() throws Exception {
        Path file = Files.writeString(folder.resolve("app.log"), "one\n");
        try (Watch watch = new Watch()) {
            watch.follow(Set.of(folder));
            assertTrue(watch.sees());
            Files.writeString(file, "two\n", StandardOpenOption.APPEND);
            assertEquals(new Watch.News(Set.of(file), false), watch.await(PATIENCE));
            Files.createFile(folder.resolve("new.log"));
            assertTrue(watch.await(PATIENCE).more());
            Files.delete(file);
            assertTrue(watch.await(PATIENCE).more());
        }
    }

    @Test
    void doesNotSeeAFolderThatIsNotThereUntilItIs() throws Exception {
        Path later = folder.resolve("later");
        try (Watch watch = new Watch()) {
            watch.follow(Set.of(folder, later));
            assertFalse(watch.sees());
            Files.createDirectory(later);
            assertTrue(watch.follow(Set.of(folder, later)));
            assertTrue(watch.sees());
            assertFalse(watch.follow(Set.of(folder, later)));
        }
    }

    @Test
    void isNotReliedUponWhereGrowthIsNotTold() throws Exception {
        try (Watch watch = new Watch()) {
            watch.follow(Set.of(folder));
            for (int i = 0; i < 3; i++) {
                assertTrue(watch.sees());
                watch.expect();
                assertEquals(Watch.News.NONE, watch.await(MOMENT));
            }
            assertFalse(watch.sees());
            // And again once something is told after all.
            Files.writeString(folder.resolve("app.log"), "one\n");
            assertFalse(watch.await(PATIENCE).none());
            assertTrue(watch.sees());
        }
    }
}
