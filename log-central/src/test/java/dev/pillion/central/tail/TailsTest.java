package dev.pillion.central.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pillion.central.Waiting;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.EmbeddedStore;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.StoreSettings;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

class TailsTest {

    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 10_000, 8);
    private static final Selection ALL =
            new Selection(new Condition.Everything(), Long.MIN_VALUE, Long.MAX_VALUE);
    private static final Instant DAY_ONE = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir Path directory;

    private EmbeddedStore open(Instant now) throws IOException {
        return new EmbeddedStore(
                new StoreSettings(
                        directory,
                        8 << 20,
                        64 << 20,
                        64 << 20,
                        64,
                        Duration.ofMillis(300),
                        Duration.ofHours(1),
                        Duration.ofMillis(300),
                        Duration.ofDays(30),
                        1L << 40,
                        0,
                        Duration.ofMinutes(15)),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private static void send(LogStore store, Instant time, int from, int to) throws Exception {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int i = from; i < to; i++) {
            scope.addLogRecords(
                    LogRecord.newBuilder()
                            .setTimeUnixNano(time.toEpochMilli() * 1_000_000)
                            .setBody(AnyValue.newBuilder().setStringValue("record " + i)));
        }
        byte[] body =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(ResourceLogs.newBuilder().addScopeLogs(scope))
                        .build()
                        .toByteArray();
        byte[] hash = new byte[16];
        hash[0] = (byte) from;
        hash[1] = (byte) (from >> 8);
        store.append(
                        new LogStore.Request(
                                LogsDecoder.decode(body, LIMITS),
                                body,
                                Body.Encoding.IDENTITY,
                                Body.Format.PROTOBUF,
                                hash),
                        Duration.ZERO)
                .get(30, TimeUnit.SECONDS);
    }

    /** Notes what it is told; can be held up in the middle of writing. */
    private static final class Notes implements Tails.Reader, AutoCloseable {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private final Semaphore mayWrite = new Semaphore(Integer.MAX_VALUE);
        private Thread thread;

        Notes follow(Tails tails, long after) {
            Tails.Tail tail = tails.open();
            thread =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (tail) {
                                            tail.follow(this, ALL, after, () -> true);
                                        } catch (IOException | InterruptedException e) {
                                            // Closed.
                                        }
                                    });
            return this;
        }

        private void write(String event) throws IOException {
            try {
                mayWrite.acquire();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            told.add(event);
        }

        @Override
        public void position(long number) throws IOException {
            write("position " + number);
        }

        @Override
        public void gap(long number) throws IOException {
            write("gap " + number);
        }

        @Override
        public void record(StoredRecord record) throws IOException {
            write(Long.toString(record.number()));
        }

        @Override
        public void flush() {}

        @Override
        public void silence() {}

        String next() throws InterruptedException {
            String next = told.poll(20, TimeUnit.SECONDS);
            return next == null ? "nothing" : next;
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    @Test
    void givesASlowReaderEverything() throws Exception {
        try (EmbeddedStore store = open(DAY_ONE)) {
            Tails tails = new Tails(store, 10);
            send(store, DAY_ONE, 0, 1);
            try (Notes slow = new Notes()) {
                slow.mayWrite.drainPermits();
                slow.follow(tails, 0);
                // 2000 records, many batches and chunks, while it is held up at its first word.
                for (int i = 1; i < 2001; i += 100) {
                    send(store, DAY_ONE, i, i + 100);
                }
                slow.mayWrite.release(100_000);
                assertEquals("position 0", slow.next());
                for (int i = 1; i <= 2001; i++) {
                    assertEquals(Integer.toString(i), slow.next());
                }
            }
        }
    }

    @Test
    void fillsInForAReaderThatComesBack() throws Exception {
        try (EmbeddedStore store = open(DAY_ONE)) {
            Tails tails = new Tails(store, 10);
            send(store, DAY_ONE, 0, 5);
            try (Notes first = new Notes().follow(tails, 0)) {
                assertEquals("position 0", first.next());
                assertEquals("1", first.next());
                assertEquals("2", first.next());
            }
            send(store, DAY_ONE, 5, 8);
            try (Notes back = new Notes().follow(tails, 2)) {
                assertEquals("position 2", back.next());
                List<String> given =
                        IntStream.range(0, 6)
                                .mapToObj(
                                        i -> {
                                            try {
                                                return back.next();
                                            } catch (InterruptedException e) {
                                                throw new IllegalStateException(e);
                                            }
                                        })
                                .toList();
                assertEquals(List.of("3", "4", "5", "6", "7", "8"), given);
            }
        }
    }

    @Test
    void tellsAReaderWhatIsNotKeptAnyMore() throws Exception {
        Instant later = DAY_ONE.plus(Duration.ofDays(40));
        try (EmbeddedStore store = open(DAY_ONE)) {
            send(store, DAY_ONE, 0, 4);
        }
        try (EmbeddedStore store = open(later)) {
            send(store, later, 4, 6);
        }
        // The first day is older than records are kept.
        try (EmbeddedStore store = open(later)) {
            Waiting.until(() -> store.figures().toString(), () -> store.figures().chunks() <= 1);
            Tails tails = new Tails(store, 10);
            try (Notes back = new Notes().follow(tails, 2)) {
                assertEquals("position 2", back.next());
                assertEquals("gap 2", back.next());
                assertEquals("5", back.next());
                assertEquals("6", back.next());
            }
            // A number that only another store can have given out.
            try (Notes stranger = new Notes().follow(tails, 999)) {
                assertEquals("gap 6", stranger.next());
                assertEquals("position 6", stranger.next());
                send(store, later, 6, 7);
                assertEquals("7", stranger.next());
            }
        }
    }

    @Test
    void boundsTheReaders() throws Exception {
        try (EmbeddedStore store = open(DAY_ONE)) {
            Tails tails = new Tails(store, 1);
            try (Tails.Tail one = tails.open()) {
                assertThrows(Tails.Full.class, tails::open);
                assertEquals(0, one.given());
            }
            tails.open().close();
        }
    }
}
