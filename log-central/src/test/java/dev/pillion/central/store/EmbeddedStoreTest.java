package dev.pillion.central.store;

import static dev.pillion.central.store.Stores.ALL;
import static dev.pillion.central.store.Stores.allPages;
import static dev.pillion.central.store.Stores.append;
import static dev.pillion.central.store.Stores.awaitChunks;
import static dev.pillion.central.store.Stores.bodies;
import static dev.pillion.central.store.Stores.open;
import static dev.pillion.central.store.Stores.request;
import static dev.pillion.central.store.Stores.send;
import static dev.pillion.central.store.Stores.soon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Waiting;
import dev.pillion.central.store.LogStore.Selection;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What the store holds, whoever hurries it or damages its files. */
class EmbeddedStoreTest {

    @TempDir Path directory;

    @Test
    void slowsASenderDownRatherThanSendingItAway() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            // Each is half as large again as what the head takes.
            for (int i = 0; i < 6; i++) {
                byte[] body = request("number" + i + " " + "x".repeat(3 << 20));
                assertEquals(1, append(store, body, i, Duration.ofSeconds(30)).get().kept());
            }
            assertEquals(6, store.figures().kept());
            ExecutionException refusal =
                    assertThrows(
                            ExecutionException.class,
                            () -> {
                                for (int i = 6; i < 60; i++) {
                                    byte[] body = request("number" + i + " " + "x".repeat(3 << 20));
                                    append(store, body, i, Duration.ZERO).get();
                                }
                            });
            assertEquals("the head is full (central.head.bytes)", refusal.getCause().getMessage());
        }
    }

    @Test
    void boundsTheJournalThatARestartReads() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            for (int i = 0; i < 24; i++) {
                byte[] body = request("number" + i + " " + "x".repeat(500_000));
                append(store, body, i, Duration.ofSeconds(30)).get();
            }
            // Four MiB, and the segment that is being written.
            Waiting.until(
                    () -> store.figures().toString(),
                    () -> store.figures().journalBytes() <= 5 << 20);
            assertEquals(24, store.figures().kept());
        }
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            assertEquals(24, allPages(store, true, 100).size());
        }
    }

    @Test
    void joinsSmallChunksAndLosesNothing() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        for (int i = 0; i < 10; i++) {
            try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
                send(store, i * 3, i * 3 + 3, time + i);
            }
        }
        List<String> before;
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            assertEquals(10, store.figures().chunks());
            before = bodies(store);
            assertEquals(30, before.size());
        }
        try (EmbeddedStore store = open(directory, Duration.ofMillis(1), Duration.ofMillis(100))) {
            Waiting.until(() -> store.figures().toString(), () -> store.figures().chunks() <= 1);
            assertEquals(before, bodies(store));
        }
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            assertEquals(before, bodies(store));
        }
    }

    @Test
    void answersRequestsWhileQuestionsTakeTheirTime() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            send(store, 0, 50, 1_000_000);
            Deadline asked = new Deadline(Duration.ofMinutes(5));
            Condition slow = new Condition.Regex("", Pattern.compile("((\\w+)+\\s*)+\\1[#]"));
            List<Thread> readers = new ArrayList<>();
            int carriers = Runtime.getRuntime().availableProcessors();
            for (int i = 0; i < 2 * carriers; i++) {
                readers.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                store.search(
                                                        new Selection(
                                                                slow,
                                                                Long.MIN_VALUE,
                                                                Long.MAX_VALUE),
                                                        Optional.empty(),
                                                        true,
                                                        10,
                                                        asked);
                                            } catch (QueryStopped e) {
                                                // As it should be.
                                            }
                                        }));
            }
            // A request comes on a virtual thread as well, and finds a carrier.
            CompletableFuture<Exception> taken = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    send(store, 50, 100, 2_000_000);
                                    taken.complete(null);
                                } catch (Exception e) {
                                    taken.complete(e);
                                }
                            });
            assertNull(taken.get(30, TimeUnit.SECONDS));
            assertEquals(100, store.lastNumber());
            asked.cancel();
            for (Thread reader : readers) {
                reader.join(30_000);
                assertTrue(!reader.isAlive());
            }
        }
    }

    @Test
    void leavesADamagedChunkOutAndServesTheRest() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofMillis(1))) {
            send(store, 0, 200, System.currentTimeMillis() * 1_000_000);
            awaitChunks(store, 4);
        }
        long damagedBefore = Damage.chunks();
        Path values;
        try (var files = Files.walk(directory.resolve("days"))) {
            values =
                    files.filter(file -> file.toString().endsWith(".dvd"))
                            .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(values);
        int frame = 0;
        for (int i = bytes.length - 4; i > 0 && frame == 0; i--) {
            if (bytes[i] == 0x28 && bytes[i + 1] == (byte) 0xB5 && bytes[i + 2] == 0x2F) {
                frame = i;
            }
        }
        assertTrue(frame > 0);
        try (RandomAccessFile file = new RandomAccessFile(values.toFile(), "rw")) {
            file.seek(frame + 6);
            file.write(bytes[frame + 6] ^ 0x55);
        }
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            int found = store.search(ALL, Optional.empty(), true, 1000, soon()).records().size();
            assertEquals(150, found);
            assertEquals(damagedBefore + 1, store.figures().damaged());
        }
    }
}
