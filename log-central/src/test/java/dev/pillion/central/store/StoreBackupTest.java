package dev.pillion.central.store;

import static dev.pillion.central.store.Stores.bodies;
import static dev.pillion.central.store.Stores.open;
import static dev.pillion.central.store.Stores.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Waiting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A backup while senders send. */
class StoreBackupTest {

    @TempDir Path directory;

    @Test
    void backsUpWhileItGoesOnAndRestoresToTheSame() throws Exception {
        Path restored = directory.resolve("restored");
        Path live = directory.resolve("live");
        long time = System.currentTimeMillis() * 1_000_000;
        try (EmbeddedStore store = open(live, Duration.ofMillis(300), Duration.ofMillis(100))) {
            AtomicInteger safe = new AtomicInteger();
            Thread sender =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; !Thread.interrupted(); i += 7) {
                                                send(store, i, i + 7, time + i);
                                                safe.set(i + 7);
                                            }
                                        } catch (Exception e) {
                                            // Interrupted: the end.
                                        }
                                    });
            Waiting.until(() -> safe.get() + " are safe", () -> safe.get() >= 2000);
            int before = safe.get();
            int after;
            try (Backup backup = store.backup()) {
                after = safe.get() + 7;
                copy(backup.directory(), restored);
            }
            sender.interrupt();
            sender.join();
            try (var left = Files.list(live)) {
                assertTrue(left.noneMatch(path -> path.toString().contains("backup-")));
            }
            List<String> all = bodies(store);
            try (EmbeddedStore copy = open(restored, Duration.ofHours(1), Duration.ofHours(1))) {
                List<String> kept = bodies(copy);
                assertTrue(
                        kept.size() >= before && kept.size() <= after,
                        before + " <= " + kept.size() + " <= " + after);
                assertEquals(all.subList(0, kept.size()), kept);
                // What came before the backup is known there as well: sent again it is no news.
                send(copy, 0, 7, time);
                assertEquals(kept.size(), bodies(copy).size());
            }
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
