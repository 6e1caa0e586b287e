package dev.pillion.central.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.ingest.Origin;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

class HeadTest {

    private static final long NOBODY = Long.MIN_VALUE;

    private final Head head = new Head(5, 1000);
    private int numbers;

    private void add(int records, int bytes) {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder();
        for (int i = 0; i < records; i++) {
            scope.addLogRecords(
                    LogRecord.newBuilder()
                            .setBody(AnyValue.newBuilder().setStringValue("x".repeat(bytes))));
        }
        byte[] body =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(ResourceLogs.newBuilder().addScopeLogs(scope))
                        .build()
                        .toByteArray();
        Batch batch = LogsDecoder.decode(body, new IngestLimits(1 << 20, 1 << 20, 100, 8));
        long first = numbers;
        numbers += records;
        head.add(
                batch,
                new Head.Placing() {
                    @Override
                    public long number(int index) {
                        return first + index;
                    }

                    @Override
                    public long time(int index) {
                        return 0;
                    }

                    @Override
                    public long day(int index) {
                        return 0;
                    }

                    @Override
                    public boolean stored(Origin resource, long day, long number) {
                        return false;
                    }
                },
                0);
    }

    private List<Integer> sealed() {
        return head.seal(NOBODY, NOBODY).stream().map(chunk -> chunk.rows().count()).toList();
    }

    @Test
    void sealsAChunkOfManyRecordsOrOfManyBytes() {
        add(4, 10);
        assertEquals(List.of(), sealed());
        add(8, 10);
        assertEquals(List.of(5, 5), sealed());
        add(1, 400);
        assertEquals(List.of(5, 5), sealed());
        add(1, 600);
        assertEquals(List.of(5, 5, 4), sealed());
    }

    @Test
    void countsTheMemoryItTakes() {
        add(3, 100);
        add(4, 10);
        add(1, 300);
        long arrays = 0;
        List<Rows> rows = head.rows();
        for (Rows one : rows) {
            arrays += one.data().length + 4L * one.offsets().length + 8L * one.times().length;
            arrays += 8L * one.numbers().length + 4L * one.scope().length + one.severities().length;
        }
        assertEquals(2, rows.size());
        assertTrue(head.bytes() > arrays, head.bytes() + " bytes counted of " + arrays);
        assertTrue(head.bytes() < arrays + 2 * 1100, head.bytes() + " bytes counted of " + arrays);
        Rows full = head.seal(NOBODY, NOBODY).getFirst().rows();
        assertEquals(full.bytes(), full.data().length);
        assertEquals(5, full.times().length);
    }

    @Test
    void tellsWhenThereIsRoom() throws Exception {
        assertTrue(head.awaitAtMost(0, Duration.ZERO));
        add(5, 100);
        assertFalse(head.awaitAtMost(500, Duration.ofMillis(1)));
        Thread sealer =
                Thread.ofVirtual().start(() -> head.drop(head.seal(Long.MAX_VALUE, NOBODY)));
        assertTrue(head.awaitAtMost(500, Duration.ofMinutes(1)));
        sealer.join();
        assertEquals(0, head.bytes());
    }
}
