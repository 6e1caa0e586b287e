package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Waiting;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Receipt;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

class EmbeddedStoreTest {

    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 10_000, 8);
    private static final Selection ALL =
            new Selection(new Condition.Everything(), Long.MIN_VALUE, Long.MAX_VALUE);

    @TempDir Path directory;

    private EmbeddedStore open(Duration chunkAge) throws Exception {
        return open(directory, chunkAge, Duration.ofHours(1));
    }

    private static EmbeddedStore open(Path directory, Duration chunkAge, Duration compactInterval)
            throws Exception {
        return open(
                directory,
                chunkAge,
                compactInterval,
                Duration.ofDays(30),
                1 << 30,
                Clock.systemUTC());
    }

    private static EmbeddedStore open(
            Path directory,
            Duration chunkAge,
            Duration compactInterval,
            Duration maxAge,
            long maxBytes,
            Clock clock)
            throws Exception {
        return new EmbeddedStore(
                new StoreSettings(
                        directory,
                        1 << 20,
                        256 << 20,
                        4 << 20,
                        50,
                        chunkAge,
                        compactInterval,
                        Duration.ofMillis(200),
                        maxAge,
                        maxBytes,
                        0,
                        Duration.ofMinutes(5)),
                clock);
    }

    private static void send(LogStore store, int from, int to, long time) throws Exception {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int i = from; i < to; i++) {
            scope.addLogRecords(
                    LogRecord.newBuilder()
                            .setTimeUnixNano(time)
                            .setBody(AnyValue.newBuilder().setStringValue("record number" + i)));
        }
        byte[] body =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(ResourceLogs.newBuilder().addScopeLogs(scope))
                        .build()
                        .toByteArray();
        append(store, body, from, Duration.ZERO).get(30, TimeUnit.SECONDS);
    }

    private static CompletableFuture<Receipt> append(
            LogStore store, byte[] body, int name, Duration patience) throws Exception {
        byte[] hash = new byte[16];
        hash[0] = (byte) name;
        hash[1] = (byte) (name >> 8);
        return store.append(
                new LogStore.Request(
                        LogsDecoder.decode(body, LIMITS),
                        body,
                        Body.Encoding.IDENTITY,
                        Body.Format.PROTOBUF,
                        hash),
                patience);
    }

    private static Deadline soon() {
        return new Deadline(Duration.ofSeconds(30));
    }

    private static void awaitChunks(LogStore store, long chunks) throws Exception {
        Waiting.until(() -> store.figures().toString(), () -> store.figures().chunks() >= chunks);
    }

    @Test
    void pagesThroughEqualTimesWithoutSkippingOrRepeating() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            for (int i = 0; i < 1000; i += 100) {
                send(store, i, i + 100, time);
            }
            List<Long> all = IntStream.range(0, 1000).mapToObj(i -> i + 1L).toList();
            assertEquals(all, allPages(store, false, 7));
            assertEquals(all.reversed(), allPages(store, true, 7));
        }
    }

    @Test
    void endsAPageEarlyWhenItsRecordsAreLong() throws Exception {
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            for (int i = 0; i < 12; i++) {
                byte[] body = request("number" + i + " " + "x".repeat(900_000));
                append(store, body, i, Duration.ofSeconds(30)).get();
            }
            List<Long> all = IntStream.range(0, 12).mapToObj(i -> i + 1L).toList();
            assertEquals(all, allPages(store, false, 1000));
            assertEquals(all.reversed(), allPages(store, true, 1000));
        }
    }

    /** The records' numbers; each page has at most so many and no more bytes than a page may. */
    private static List<Long> allPages(EmbeddedStore store, boolean newestFirst, int limit) {
        List<Long> numbers = new ArrayList<>();
        Optional<Cursor> after = Optional.empty();
        while (true) {
            Page page = store.search(ALL, after, newestFirst, limit, soon());
            assertTrue(page.records().size() <= limit);
            int bytes = page.records().stream().mapToInt(StoredRecord::length).sum();
            assertTrue(bytes <= LogStore.MAX_PAGE_BYTES, bytes + " bytes in a page");
            page.records().forEach(record -> numbers.add(record.number()));
            if (!page.more()) {
                return numbers;
            }
            StoredRecord last = page.records().getLast();
            after = Optional.of(new Cursor(last.time(), last.number()));
        }
    }

    @Test
    void slowsASenderDownRatherThanSendingItAway() throws Exception {
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
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
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
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
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            assertEquals(24, allPages(store, true, 100).size());
        }
    }

    private static byte[] request(String text) {
        LogRecord.Builder record =
                LogRecord.newBuilder().setBody(AnyValue.newBuilder().setStringValue(text));
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(
                        ResourceLogs.newBuilder()
                                .addScopeLogs(ScopeLogs.newBuilder().addLogRecords(record)))
                .build()
                .toByteArray();
    }

    @Test
    void givesTheRecordsAroundOne() throws Exception {
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            send(store, 0, 300, 5);
            List<Long> numbers =
                    store.context(151, ResourceFilter.ALL, 3, 2, soon()).stream()
                            .map(StoredRecord::number)
                            .toList();
            assertEquals(List.of(148L, 149L, 150L, 151L, 152L, 153L), numbers);
            assertEquals(List.of(), store.context(5000, ResourceFilter.ALL, 3, 2, soon()));
        }
    }

    @Test
    void findsPartsOfWordsInChunks() throws Exception {
        try (EmbeddedStore store = open(Duration.ofMillis(1))) {
            send(store, 0, 300, System.currentTimeMillis() * 1_000_000);
            awaitChunks(store, 6);
            Condition part = new Condition.Text("", "mber29", false, false);
            // number29 and number290 to number299
            assertEquals(
                    11,
                    store.search(
                                    new Selection(part, Long.MIN_VALUE, Long.MAX_VALUE),
                                    Optional.empty(),
                                    true,
                                    100,
                                    soon())
                            .records()
                            .size());
        }
    }

    /** Whatever words choose the chunks, the pattern decides. */
    @Test
    void findsInChunksWhatThePatternFinds() throws Exception {
        try (EmbeddedStore store = open(Duration.ofMillis(1))) {
            send(store, 0, 300, System.currentTimeMillis() * 1_000_000);
            awaitChunks(store, 6);
            for (String regex :
                    List.of(
                            "number29\\d?$",
                            "^record number",
                            "(number1|number2)5",
                            "(number1|absent)5",
                            "(record|absent) number8",
                            "(record|absent)_number8",
                            "\\w{3}ber(11|22)",
                            "d numb[^1-8]+r?4\\d\\b",
                            "(?i)RECORD NUMBER7",
                            "cord.*2{2}",
                            "absent|x")) {
                Pattern pattern = Pattern.compile(regex);
                long expected =
                        IntStream.range(0, 300)
                                .filter(i -> pattern.matcher("record number" + i).find())
                                .count();
                Condition found = new Condition.Regex("", pattern);
                assertEquals(
                        expected,
                        store.search(
                                        new Selection(found, Long.MIN_VALUE, Long.MAX_VALUE),
                                        Optional.empty(),
                                        true,
                                        1000,
                                        soon())
                                .records()
                                .size(),
                        regex);
            }
        }
    }

    private static List<String> bodies(LogStore store) {
        return store.search(ALL, Optional.empty(), false, 100_000, soon()).records().stream()
                .map(EmbeddedStoreTest::body)
                .toList();
    }

    private static String body(StoredRecord record) {
        try {
            return LogRecord.parseFrom(
                            java.util.Arrays.copyOfRange(
                                    record.data(),
                                    record.offset(),
                                    record.offset() + record.length()))
                    .getBody()
                    .getStringValue();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void joinsSmallChunksAndLosesNothing() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        for (int i = 0; i < 10; i++) {
            try (EmbeddedStore store = open(Duration.ofHours(1))) {
                send(store, i * 3, i * 3 + 3, time + i);
            }
        }
        List<String> before;
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            assertEquals(10, store.figures().chunks());
            before = bodies(store);
            assertEquals(30, before.size());
        }
        try (EmbeddedStore store = open(directory, Duration.ofMillis(1), Duration.ofMillis(100))) {
            Waiting.until(() -> store.figures().toString(), () -> store.figures().chunks() <= 1);
            assertEquals(before, bodies(store));
        }
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            assertEquals(before, bodies(store));
        }
    }

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

    private List<String> dayFolders() throws Exception {
        try (var folders = Files.list(directory.resolve("days"))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
        }
    }

    private void awaitDays(int count) throws Exception {
        Waiting.until(count + " days", () -> dayFolders().size() == count);
    }

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L;
    }

    /** Five days with 100 records each, the last one today. */
    private void fiveDays() throws Exception {
        try (EmbeddedStore store =
                open(
                        directory,
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ofDays(30),
                        1 << 30,
                        Clock.fixed(NOON, ZoneOffset.UTC))) {
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
                open(
                        directory,
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ofDays(2),
                        1 << 30,
                        Clock.fixed(NOON, ZoneOffset.UTC))) {
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
                open(
                        directory,
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ofDays(30),
                        all / 10,
                        Clock.fixed(NOON, ZoneOffset.UTC))) {
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
            try (EmbeddedStore store =
                    open(
                            directory,
                            Duration.ofHours(1),
                            Duration.ofHours(1),
                            Duration.ofDays(30),
                            1 << 30,
                            clock)) {
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

    @Test
    void answersRequestsWhileQuestionsTakeTheirTime() throws Exception {
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
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
        try (EmbeddedStore store = open(Duration.ofMillis(1))) {
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
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            int found = store.search(ALL, Optional.empty(), true, 1000, soon()).records().size();
            assertEquals(150, found);
            assertEquals(damagedBefore + 1, store.figures().damaged());
        }
    }
}
