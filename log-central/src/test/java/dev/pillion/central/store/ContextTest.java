package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.store.LogStore.StoredRecord;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The lines around one, when those of its source are far apart among all others. */
class ContextTest {

    private static final int NOISE = 10_000;

    @TempDir Path directory;

    private byte requests;

    private EmbeddedStore open() throws Exception {
        return new EmbeddedStore(
                new StoreSettings(
                        directory,
                        1 << 20,
                        64 << 20,
                        4 << 20,
                        1000,
                        Duration.ofMinutes(1),
                        Duration.ofHours(1),
                        Duration.ofMillis(200),
                        Duration.ofDays(30),
                        1 << 30,
                        0,
                        Duration.ofMinutes(5)),
                Clock.systemUTC());
    }

    private void send(LogStore store, String service, String body, int times) throws Exception {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int i = 0; i < times; i++) {
            scope.addLogRecords(
                    LogRecord.newBuilder()
                            .setTimeUnixNano(System.currentTimeMillis() * 1_000_000)
                            .setBody(AnyValue.newBuilder().setStringValue(body)));
        }
        Resource.Builder resource =
                Resource.newBuilder()
                        .addAttributes(
                                KeyValue.newBuilder()
                                        .setKey("service.name")
                                        .setValue(AnyValue.newBuilder().setStringValue(service)));
        byte[] sent =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(
                                ResourceLogs.newBuilder().setResource(resource).addScopeLogs(scope))
                        .build()
                        .toByteArray();
        Batch batch = LogsDecoder.decode(sent, new IngestLimits(1 << 24, 1 << 24, NOISE, 8));
        byte[] hash = new byte[16];
        hash[0] = ++requests;
        store.append(
                        new LogStore.Request(
                                batch, sent, Body.Encoding.IDENTITY, Body.Format.PROTOBUF, hash),
                        Duration.ZERO)
                .get();
    }

    private static List<Long> around(LogStore store, long number, int before, int after) {
        return store
                .context(
                        number,
                        ResourceFilter.ALL,
                        before,
                        after,
                        new Deadline(Duration.ofSeconds(60)))
                .stream()
                .map(StoredRecord::number)
                .toList();
    }

    @Test
    void findsWhatIsNearHoweverFarItIs() throws Exception {
        try (EmbeddedStore store = open()) {
            send(store, "quiet", "one", 2);
            send(store, "loud", "noise", NOISE);
            send(store, "quiet", "two", 2);
            send(store, "loud", "noise", NOISE);
            send(store, "quiet", "three", 2);
            long first = 1;
            long second = first + 2 + NOISE;
            long third = second + 2 + NOISE;
            assertEquals(
                    List.of(first + 1, second, second + 1, third), around(store, second, 1, 2));
            assertEquals(
                    List.of(first, first + 1, second, second + 1, third, third + 1),
                    around(store, second, 10, 10));
            assertEquals(List.of(first), around(store, first, 5, 0));
            assertEquals(List.of(third, third + 1), around(store, third, 0, 5));
            assertEquals(
                    List.of(second - 3, second - 2, second - 1, second + 2),
                    around(store, second - 1, 2, 1));
            assertEquals(List.of(), around(store, third + 2, 1, 1));
        }
    }
}
