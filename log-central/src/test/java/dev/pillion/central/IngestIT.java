package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.JSON;
import static dev.pillion.central.OtlpRequests.PROTOBUF;
import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.number;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;
import static dev.pillion.central.OtlpRequests.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.util.JsonFormat;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** What is taken, what is refused and how that is said; the shipped service over HTTP. */
class IngestIT {

    @TempDir static Path directory;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        central =
                new RunningCentral(
                        directory.resolve("shared"),
                        "-Dcentral.ingest.request-bytes=1MiB",
                        "-Dcentral.access.client-requests=100000");
    }

    @AfterAll
    static void stop() throws Exception {
        central.close();
    }

    @Test
    void takesJsonAndGivesItBackAsOtlp() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        String json =
                """
                {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name",
                  "value":{"stringValue":"json-shop"}}]},"unknown":[1,{"a":null}],
                 "scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"%d",
                  "severityNumber":9,"body":{"stringValue":"grüße"},
                  "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
                  "attributes":[{"key":"big","value":{"intValue":"9007199254740993"}},
                   {"key":"list","value":{"arrayValue":{"values":[{"boolValue":true},
                    {"doubleValue":1.5}]}}}]}]}]}]}
                """
                        .formatted(time);
        HttpResponse<byte[]> answer = central.post(json.getBytes(StandardCharsets.UTF_8), JSON);
        assertEquals(200, answer.statusCode());
        assertEquals("{}", new String(answer.body(), StandardCharsets.UTF_8));
        HttpResponse<String> found =
                central.get(
                        "/api/logs?query="
                                + RunningCentral.encoded(
                                        "trace_id:5b8efff798038103d269b633813fc60c"
                                                + " traceId:5b8efff798038103d269b633813fc60c"));
        assertTrue(found.body().contains("\"body\":\"grüße\""), found.body());
        assertTrue(found.body().contains("\"big\":\"9007199254740993\""), found.body());
        HttpResponse<byte[]> otlp =
                central.getBytes(
                        "/api/logs?query=service.name:json-shop",
                        "Accept",
                        "application/x-protobuf");
        LogRecord record =
                ExportLogsServiceRequest.parseFrom(otlp.body())
                        .getResourceLogs(0)
                        .getScopeLogs(0)
                        .getLogRecords(0);
        assertEquals(time, record.getTimeUnixNano());
        assertEquals(9007199254740993L, record.getAttributes(0).getValue().getIntValue());
        assertEquals(16, record.getTraceId().size());
    }

    @Test
    void exportsTheBytesThatCame() throws Exception {
        ResourceLogs sent =
                logs("", record("lossless round trip", number("n", -5), text("k", "v")));
        assertEquals(200, central.post(request(sent), PROTOBUF).statusCode());
        HttpResponse<byte[]> otlp =
                central.getBytes(
                        "/api/logs?query=%22lossless+round%22", "Accept", "application/x-protobuf");
        assertArrayEquals(request(sent), otlp.body());
    }

    @Test
    void namesTheRecordsItRejects() throws Exception {
        byte[] good = record("utf eight", number("i", 0)).toByteArray();
        byte[] bad = record("utf Xight", number("i", 1)).toByteArray();
        for (int i = 0; i < bad.length; i++) {
            if (bad[i] == 'X') {
                bad[i] = (byte) 0xFF;
            }
        }
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        for (byte[] one : List.of(good, bad)) {
            scope.write(0x12);
            scope.write(one.length);
            scope.write(one);
        }
        byte[] body = nested(0x0A, nested(0x12, scope.toByteArray()));
        HttpResponse<byte[]> answer = central.post(body, PROTOBUF);
        assertEquals(200, answer.statusCode());
        assertEquals(
                "zstd, gzip, identity", answer.headers().firstValue("Accept-Encoding").orElse(""));
        ExportLogsServiceResponse response = ExportLogsServiceResponse.parseFrom(answer.body());
        assertEquals(1, response.getPartialSuccess().getRejectedLogRecords());
        assertEquals(
                "record 1: body is not UTF-8 at its byte 4",
                response.getPartialSuccess().getErrorMessage());
        assertEquals(1, central.count("\"utf eight\""));
    }

    private static byte[] nested(int tag, byte[] content) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length > 127) {
            out.write((content.length & 0x7F) | 0x80);
        }
        out.write(content.length > 127 ? content.length >> 7 : content.length);
        out.write(content);
        return out.toByteArray();
    }

    @Test
    void refusesWhatItCannotTake() throws Exception {
        assertEquals(415, central.post(new byte[0], "Content-Type", "text/plain").statusCode());
        assertEquals(415, postEncoded(new byte[0], "br").statusCode());
        HttpResponse<byte[]> unheardOf = postEncoded(new byte[] {1}, "unheard-of");
        assertEquals(415, unheardOf.statusCode());
        assertEquals(
                "zstd, gzip, identity",
                unheardOf.headers().firstValue("Accept-Encoding").orElse(""));
        assertTrue(
                new String(unheardOf.body(), StandardCharsets.UTF_8)
                        .contains("Content-Encoding identity, gzip or zstd"));
        assertEquals(400, central.post(new byte[] {1, 2, 3}, PROTOBUF).statusCode());
        assertEquals(400, central.post("{".getBytes(StandardCharsets.UTF_8), JSON).statusCode());
        HttpResponse<byte[]> noGzip = postEncoded(new byte[] {1}, "gzip");
        assertEquals(400, noGzip.statusCode());
        assertEquals(
                "{\"code\":3,\"message\":\"the body is not gzip: it ends too early\"}",
                new String(noGzip.body(), StandardCharsets.UTF_8));
        assertEquals(413, central.post(new byte[(1 << 20) + 1], PROTOBUF).statusCode());
        assertEquals(405, central.get("/v1/logs").statusCode());
    }

    @Test
    void cutsABombOff() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                gzip.write(zeros);
            }
        }
        HttpResponse<byte[]> answer = postEncoded(bomb.toByteArray(), "gzip");
        assertEquals(413, answer.statusCode());
        assertTrue(
                new String(answer.body(), StandardCharsets.UTF_8)
                        .contains("central.ingest.decompressed-bytes"));
    }

    private static HttpResponse<byte[]> postEncoded(byte[] body, String encoding) throws Exception {
        return central.post(body, JSON[0], JSON[1], "Content-Encoding", encoding);
    }

    /** Damaged bodies in every format and encoding: taken or refused, never a fault of ours. */
    @Test
    void survivesDamagedBodies() throws Exception {
        Random random = Seeds.fresh("damaged requests");
        byte[] protobuf =
                request(logs("f", record("to be damaged", number("log.file.position", 1))));
        byte[] json =
                JsonFormat.printer()
                        .printingEnumsAsInts()
                        .print(ExportLogsServiceRequest.parseFrom(protobuf))
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 600; i++) {
            boolean asJson = random.nextBoolean();
            byte[] body = mutated(random, asJson ? json : protobuf);
            String encoding = List.of("identity", "gzip", "zstd").get(random.nextInt(3));
            if (encoding.equals("gzip")) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(body);
                }
                body = out.toByteArray();
            } else if (encoding.equals("zstd")) {
                body = Zstd.compress(body);
            }
            if (random.nextInt(3) == 0) {
                body = mutated(random, body);
            }
            int status =
                    central.post(
                                    body,
                                    "Content-Type",
                                    asJson ? "application/json" : "application/x-protobuf",
                                    "Content-Encoding",
                                    encoding)
                            .statusCode();
            assertTrue(
                    status == 200 || status == 400 || status == 413,
                    "request " + i + ": " + status);
        }
    }

    private static byte[] mutated(Random random, byte[] from) {
        byte[] bytes = Arrays.copyOf(from, Math.max(0, from.length - random.nextInt(3)));
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
