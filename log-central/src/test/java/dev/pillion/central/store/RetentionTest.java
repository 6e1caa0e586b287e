package dev.pillion.central.store;

import static dev.pillion.central.store.Stores.ALL;
import static dev.pillion.central.store.Stores.bodies;
import static dev.pillion.central.store.Stores.open;
import static dev.pillion.central.store.Stores.send;
import static dev.pillion.central.store.Stores.soon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Waiting;
import dev.pillion.central.store.LogStore.Selection;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;

/** Days: which index a record goes into, and which are deleted when. */
class RetentionTest {

    @TempDir Path directory;
    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L;
    }

    private List<String> dayFolders() throws Exception {
        try (var folders = Files.list(directory.resolve("days"))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
        }
    }

    private void awaitDays(int count) throws Exception {
        Waiting.until(count + " days", () -> dayFolders().size() == count);
    }

    private EmbeddedStore keeping(Duration maxAge, long maxBytes, Clock clock) throws Exception {
        return open(directory, Duration.ofHours(1), Duration.ofHours(1), maxAge, maxBytes, clock);
    }

    /** Five days with 100 records each, the last one today. */
    private void fiveDays() throws Exception {
        try (EmbeddedStore store =
                keeping(Duration.ofDays(30), 1 << 30, Clock.fixed(NOON, ZoneOffset.UTC))) {
            for (int day = 0; day < 5; day++) {
                send(
                        store,
                        day * 100,
                        day * 100 + 100,
                        nanos(NOON.minus(Duration.ofDays(4 - day))));
            }
        }
        assertEquals(5, dayFolders().size());
    }

    @Test
    void deletesDaysThatAreTooOldAndTellsWhich() throws Exception {
        fiveDays();
        List<String> told = new CopyOnWriteArrayList<>();
        Logger audit = Logger.getLogger("audit");
        audit.setFilter(
                line -> {
                    told.add(line.getMessage());
                    return true;
                });
        try (EmbeddedStore store =
                keeping(Duration.ofDays(2), 1 << 30, Clock.fixed(NOON, ZoneOffset.UTC))) {
            awaitDays(3);
            assertEquals(List.of("2026-03-08", "2026-03-09", "2026-03-10"), dayFolders());
            List<String> left = bodies(store);
            assertEquals(300, left.size());
            assertEquals("record number200", left.getFirst());
            // A reader who was further back is told that records are gone.
            assertTrue(store.since(5, ALL, 10, soon()).missing());
        } finally {
            audit.setFilter(null);
        }
        assertEquals(
                List.of(
                        "delete of 2026-03-06 by central.retention.age",
                        "delete of 2026-03-07 by central.retention.age"),
                told);
    }

    @Test
    void deletesTheOldestDaysWhenAllTakeTooMuch() throws Exception {
        fiveDays();
        long all;
        try (var files = Files.walk(directory.resolve("days"))) {
            all =
                    files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum();
        }
        try (EmbeddedStore store =
                keeping(Duration.ofDays(30), all / 10, Clock.fixed(NOON, ZoneOffset.UTC))) {
            // Today stays, whatever it takes.
            awaitDays(1);
            assertEquals(List.of("2026-03-10"), dayFolders());
            assertEquals(100, bodies(store).size());
        }
    }

    @Test
    void findsLateAndFutureRecordsByTheirOwnTime() throws Exception {
        long late = nanos(NOON.minus(Duration.ofDays(3)));
        long before1990 = nanos(Instant.parse("1989-01-01T00:00:00Z"));
        long future = nanos(Instant.parse("2031-01-01T00:00:00Z"));
        ManualClock clock = new ManualClock(NOON);
        for (int round = 0; round < 2; round++) {
            try (EmbeddedStore store = keeping(Duration.ofDays(30), 1 << 30, clock)) {
                if (round == 0) {
                    send(store, 0, 10, late);
                    send(store, 10, 20, future);
                    send(store, 20, 30, before1990);
                    // The clock jumps back by two days, then ahead by more.
                    clock.now = NOON.minus(Duration.ofDays(2));
                    send(store, 30, 40, nanos(NOON));
                    clock.now = NOON.plus(Duration.ofHours(6));
                    send(store, 40, 50, nanos(NOON));
                }
                for (long time : new long[] {late, future, before1990}) {
                    Selection exactly = new Selection(new Condition.Everything(), time, time + 1);
                    assertEquals(
                            10,
                            store.search(exactly, Optional.empty(), true, 100, soon())
                                    .records()
                                    .size());
                }
                assertEquals(50, bodies(store).size());
                assertEquals("record number20", bodies(store).getFirst());
            }
            // No clock makes an index that is never deleted.
            for (String folder : dayFolders()) {
                assertTrue(folder.startsWith("2026-0"), folder);
            }
        }
    }

    private static final class ManualClock extends Clock {
        private volatile Instant now;

        ManualClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
