package dev.pillion.central.store;

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

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Stores in a folder of a test, what goes into them and what is in them. */
final class Stores {

    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 10_000, 8);
    static final Selection ALL =
            new Selection(new Condition.Everything(), Long.MIN_VALUE, Long.MAX_VALUE);

    private Stores() {}

    /** Neither compacts nor deletes anything while a test runs. */
    static EmbeddedStore open(Path directory, Duration chunkAge) throws Exception {
        return open(directory, chunkAge, Duration.ofHours(1));
    }

    static EmbeddedStore open(Path directory, Duration chunkAge, Duration compactInterval)
            throws Exception {
        return open(
                directory,
                chunkAge,
                compactInterval,
                Duration.ofDays(30),
                1 << 30,
                Clock.systemUTC());
    }

    static EmbeddedStore open(
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

    static void send(LogStore store, int from, int to, long time) throws Exception {
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

    static CompletableFuture<Receipt> append(
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

    static byte[] request(String text) {
        LogRecord.Builder record =
                LogRecord.newBuilder().setBody(AnyValue.newBuilder().setStringValue(text));
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(
                        ResourceLogs.newBuilder()
                                .addScopeLogs(ScopeLogs.newBuilder().addLogRecords(record)))
                .build()
                .toByteArray();
    }

    static Deadline soon() {
        return new Deadline(Duration.ofSeconds(30));
    }

    static void awaitChunks(LogStore store, long chunks) throws Exception {
        Waiting.until(() -> store.figures().toString(), () -> store.figures().chunks() >= chunks);
    }

    static List<String> bodies(LogStore store) {
        return store.search(ALL, Optional.empty(), false, 100_000, soon()).records().stream()
                .map(Stores::body)
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

    /** The records' numbers; each page has at most so many and no more bytes than a page may. */
    static List<Long> allPages(EmbeddedStore store, boolean newestFirst, int limit) {
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
}
