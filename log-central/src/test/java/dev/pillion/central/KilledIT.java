package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.PROTOBUF;
import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.number;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.opentelemetry.proto.logs.v1.LogRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;

/** {@code kill -9} while senders send. */
class KilledIT {

    @TempDir Path directory;

    @Test
    void losesAndDoublesNothingWhenKilled() throws Exception {
        Path own = directory.resolve("killed");
        int batches = 60;
        int inBatch = 20;
        int total = batches * inBatch;
        int next = 0;
        for (int kill = 0; kill < 3; kill++) {
            try (RunningCentral one =
                    new RunningCentral(
                            own,
                            "-Dcentral.chunk.records=64",
                            "-Dcentral.chunk.age=100ms",
                            "-Dcentral.chunk.compact-interval=200ms",
                            "-Dcentral.store.commit-interval=300ms")) {
                int until = kill == 2 ? batches : (kill + 1) * batches / 3;
                // The last one answered is sent again, as a sender does that did not see the
                // answer.
                for (int batch = Math.max(0, next - 1); batch < until; batch++) {
                    LogRecord[] records = new LogRecord[inBatch];
                    for (int i = 0; i < inBatch; i++) {
                        int n = batch * inBatch + i;
                        records[i] =
                                record("line " + n, number("log.file.position", (long) n * 10));
                    }
                    HttpResponse<byte[]> answer =
                            one.post(request(logs("file-1", records)), PROTOBUF);
                    assertEquals(200, answer.statusCode());
                    // Another client, without positions, sends each request twice.
                    byte[] other = request(logs("", record("other " + batch)));
                    assertEquals(200, one.post(other, PROTOBUF).statusCode());
                    assertEquals(200, one.post(other, PROTOBUF).statusCode());
                    next = batch + 1;
                }
                one.kill();
            }
        }
        try (RunningCentral last = new RunningCentral(own)) {
            String all =
                    last.get("/api/logs?direction=forward", "Accept", "application/x-ndjson")
                            .body();
            List<String> lines = all.lines().filter(line -> line.contains("\"line ")).toList();
            assertEquals(total, lines.size());
            assertEquals(
                    total,
                    lines.stream()
                            .map(line -> line.replaceAll(".*\"body\":\"(line \\d+)\".*", "$1"))
                            .distinct()
                            .count());
            assertEquals(143, last.stop());
            assertFalse(last.output().contains("SEVERE"), last.output());
        }
    }
}
