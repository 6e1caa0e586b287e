package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.JSON;
import static dev.pillion.central.OtlpRequests.PROTOBUF;
import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where no more is taken: the sender is told to come again, and what is there is read. */
class FullIT {

    @TempDir Path directory;

    @Test
    void refusesButReadsOnWhenJournalOrDiskAreFull() throws Exception {
        Path own = directory.resolve("full");
        byte[] body = request(logs("", record("written before")));
        try (RunningCentral before =
                new RunningCentral(
                        own,
                        "-Dcentral.journal.bytes=1MiB",
                        "-Dcentral.store.commit-interval=1h")) {
            assertEquals(200, before.post(body, PROTOBUF).statusCode());
            byte[] large = request(logs("", record("x".repeat(1 << 20))));
            assertEquals(200, before.post(large, PROTOBUF).statusCode());
            String more =
                    JsonFormat.printer()
                            .printingEnumsAsInts()
                            .print(ExportLogsServiceRequest.parseFrom(body));
            HttpResponse<byte[]> busy = before.post(more.getBytes(StandardCharsets.UTF_8), JSON);
            assertEquals(429, busy.statusCode());
            assertTrue(busy.headers().firstValue("Retry-After").isPresent());
            assertEquals(
                    "{\"code\":8,\"message\":\"the journal is full (central.journal.bytes)\"}",
                    new String(busy.body(), StandardCharsets.UTF_8));
            assertEquals(1, before.count("\"written before\""));
        }
        try (RunningCentral full =
                new RunningCentral(own, "-Dcentral.store.free-bytes=1000000GiB")) {
            HttpResponse<byte[]> answer = full.post(body, PROTOBUF);
            assertEquals(503, answer.statusCode());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
            assertTrue(
                    new String(answer.body(), StandardCharsets.UTF_8)
                            .contains("central.store.free-bytes"));
            assertEquals(1, full.count("\"written before\""));
            assertEquals(200, full.get("/health/ready").statusCode());
        }
    }

    @Test
    void tellsToComeAgainWhileTheHeadIsFull() throws Exception {
        try (RunningCentral small =
                new RunningCentral(
                        directory.resolve("head"),
                        "-Dcentral.head.bytes=1MiB",
                        "-Dcentral.ingest.wait=1ms")) {
            int sent = 0;
            byte[] large;
            HttpResponse<byte[]> answer;
            do {
                sent++;
                large = request(logs("", record("large" + sent + " " + "x".repeat(3 << 20))));
                answer = small.post(large, PROTOBUF);
            } while (answer.statusCode() == 200 && sent < 50);
            assertEquals(429, answer.statusCode());
            assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
            assertTrue(
                    new String(answer.body(), StandardCharsets.UTF_8)
                            .contains("the head is full (central.head.bytes)"));
            byte[] again = large;
            for (int times = 0; times < 2; times++) {
                Waiting.until(
                        "room in the head", () -> small.post(again, PROTOBUF).statusCode() == 200);
            }
            assertEquals(sent, small.count("large*"));
        }
    }
}
