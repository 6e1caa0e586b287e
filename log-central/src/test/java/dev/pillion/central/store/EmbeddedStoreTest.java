package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

class EmbeddedStoreTest {

    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 10_000, 8);
    private static final Selection ALL =
            new Selection(new Condition.Everything(), Long.MIN_VALUE, Long.MAX_VALUE);

    @TempDir Path directory;

    private EmbeddedStore open(Duration chunkAge) throws Exception {
        return new EmbeddedStore(
                new StoreSettings(
                        directory,
                        1 << 20,
                        16 << 20,
                        50,
                        chunkAge,
                        Duration.ofMillis(200),
                        Duration.ofDays(30),
                        1 << 30,
                        0,
                        Duration.ofMinutes(5)),
                Clock.systemUTC());
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
        Batch batch = LogsDecoder.decode(body, LIMITS);
        byte[] hash = new byte[16];
        hash[0] = (byte) from;
        hash[1] = (byte) (from >> 8);
        store.append(
                        new LogStore.Request(
                                batch, body, Body.Encoding.IDENTITY, Body.Format.PROTOBUF, hash))
                .get(30, TimeUnit.SECONDS);
    }

    private static Deadline soon() {
        return new Deadline(Duration.ofSeconds(30));
    }

    private static void awaitChunks(LogStore store, long chunks) throws Exception {
        long end = System.currentTimeMillis() + 60_000;
        while (store.figures().chunks() < chunks) {
            assertTrue(System.currentTimeMillis() < end, store.figures().toString());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void pagesThroughEqualTimesWithoutSkippingOrRepeating() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        try (EmbeddedStore store = open(Duration.ofHours(1))) {
            for (int i = 0; i < 1000; i += 100) {
                send(store, i, i + 100, time);
            }
            for (boolean newestFirst : new boolean[] {true, false}) {
                List<Long> numbers = new ArrayList<>();
                Optional<Cursor> after = Optional.empty();
                while (true) {
                    Page page = store.search(ALL, after, newestFirst, 7, soon());
                    page.records().forEach(record -> numbers.add(record.number()));
                    if (!page.more()) {
                        break;
                    }
                    StoredRecord last = page.records().getLast();
                    after = Optional.of(new Cursor(last.time(), last.number()));
                }
                assertEquals(1000, numbers.size());
                assertEquals(1000, new HashSet<>(numbers).size());
                List<Long> sorted = numbers.stream().sorted().toList();
                assertEquals(newestFirst ? sorted.reversed() : sorted, numbers);
            }
        }
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
