package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.util.JsonFormat;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** The shipped service, over HTTP, with requests that OpenTelemetry's own classes wrote. */
class CentralIT {

    private static final String[] PROTOBUF = {"Content-Type", "application/x-protobuf"};
    private static final String[] JSON = {"Content-Type", "application/json"};

    @TempDir static Path directory;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        central =
                new RunningCentral(
                        directory.resolve("shared"),
                        "-Xlog:class+load:file=" + directory.resolve("classes"),
                        "-Dcentral.ingest.request-bytes=1MiB",
                        "-Dcentral.access.client-requests=100000");
    }

    @AfterAll
    static void stop() throws Exception {
        central.close();
    }

    static ResourceLogs logs(String file, LogRecord... records) {
        Resource.Builder resource =
                Resource.newBuilder().addAttributes(text("service.name", "orders"));
        if (!file.isEmpty()) {
            resource.addAttributes(text("log.file.id", file));
        }
        return ResourceLogs.newBuilder()
                .setResource(resource)
                .addScopeLogs(
                        ScopeLogs.newBuilder()
                                .setScope(InstrumentationScope.newBuilder().setName("dev.example"))
                                .addAllLogRecords(List.of(records)))
                .build();
    }

    static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    static KeyValue number(String key, long value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }

    static LogRecord record(String body, KeyValue... attributes) {
        return LogRecord.newBuilder()
                .setTimeUnixNano(System.currentTimeMillis() * 1_000_000)
                .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_ERROR)
                .setBody(AnyValue.newBuilder().setStringValue(body))
                .addAllAttributes(List.of(attributes))
                .build();
    }

    static byte[] request(ResourceLogs... logs) {
        return ExportLogsServiceRequest.newBuilder()
                .addAllResourceLogs(List.of(logs))
                .build()
                .toByteArray();
    }

    private static int count(RunningCentral where, String query) throws Exception {
        HttpResponse<String> answer =
                where.get(
                        "/api/logs?limit=1000&query=" + RunningCentral.encoded(query),
                        "Accept",
                        "application/x-ndjson");
        assertEquals(200, answer.statusCode(), answer.body());
        return (int) answer.body().lines().count();
    }

    @Test
    void findsWhatItTookAtOnce() throws Exception {
        HttpResponse<byte[]> answer =
                central.post(
                        request(
                                logs(
                                        "",
                                        record(
                                                "Order 4711 failed",
                                                text(
                                                        "exception.stacktrace",
                                                        "java.io.IOException: broken kettle\n"
                                                                + "\tat dev.example.Tea.brew(Tea.java:3)"),
                                                number("attempt", 3)))),
                        PROTOBUF);
        assertEquals(200, answer.statusCode());
        assertEquals(0, answer.body().length);
        for (String query :
                List.of(
                        "4711",
                        "\"order 4711 FAILED\"",
                        "kettle",
                        "*ettl*",
                        "Tea.brew",
                        "/br[e]w\\(Tea/",
                        "ket*",
                        "4711 AND attempt:3",
                        "4711 AND attempt:[2 TO 4]",
                        "4711 AND attempt:>2",
                        "4711 AND severity:>=WARN AND service.name:orders",
                        "4711 AND service.name:=orders AND logger:dev.example",
                        "4711 AND NOT absent")) {
            assertEquals(1, count(central, query), query);
        }
        for (String query :
                List.of(
                        "471",
                        "ettl",
                        "4711 AND attempt:4",
                        "4711 AND severity:<ERROR",
                        "4711 AND service.name:=order",
                        "4711 AND NOT kettle",
                        "4711 AND attempt:>3")) {
            assertEquals(0, count(central, query), query);
        }
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
        assertEquals(1, count(central, "\"utf eight\""));
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

    private static HttpResponse<byte[]> postEncoded(byte[] body, String encoding) throws Exception {
        return central.post(body, JSON[0], JSON[1], "Content-Encoding", encoding);
    }

    @Test
    void saysWhatIsWrongWithAParameter() throws Exception {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("/api/logs?limit=0", "limit: '0' is not a number from 1 to 1000");
        wrong.put("/api/logs?limit=1001", "limit: '1001' is not a number from 1 to 1000");
        wrong.put("/api/logs?limit=many", "limit: 'many' is not a number from 1 to 1000");
        wrong.put(
                "/api/facets?qeury=x",
                "'qeury' is no parameter of /api/facets; these are: query, from, to, fields");
        wrong.put(
                "/api/tail?from=now",
                "'from' is no parameter of /api/tail; these are: query, cursor");
        wrong.put("/api/logs?cursor=7", "cursor: this is not one that was given out");
        wrong.put("/api/logs?direction=up", "direction: write backward (newest first) or forward");
        wrong.put("/api/logs?from=now&to=now-1h", "from must be before to");
        wrong.put(
                "/api/histogram?interval=1s&from=now-1d",
                "interval: more than 2000 buckets; take a longer one");
        wrong.put("/api/histogram?by=logger", "by: only severity is known");
        wrong.put("/api/facets?fields=" + "a,".repeat(21), "fields: at most 20");
        wrong.put("/api/context?id=first", "id: 'first' is not a record's id");
        wrong.put("/api/context?id=1&before=1001", "before: '1001' is not a number from 0 to 1000");
        wrong.put("/api/tail?cursor=x", "cursor: this is not a record's id");
        wrong.put("/api/files?" + "id=x&".repeat(1001), "id: at most 1000 in one request");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            HttpResponse<String> answer = central.get(each.getKey());
            assertEquals(400, answer.statusCode(), each.getKey());
            assertEquals("{\"error\":\"" + each.getValue() + "\"}", answer.body());
        }
        HttpResponse<String> time = central.get("/api/logs?from=yesterday");
        assertEquals(400, time.statusCode());
        assertTrue(
                time.body().startsWith("{\"error\":\"from: 'yesterday' is not a time"),
                time.body());
        assertEquals(200, central.get("/api/logs?query=" + "%78".repeat(4096)).statusCode());
        HttpResponse<String> longer = central.get("/api/logs?query=" + "%78".repeat(4097));
        assertEquals(
                "{\"error\":\"a query has at most 4096 characters\",\"column\":4096}",
                longer.body());
        assertEquals(404, central.get("/api/context?id=999999999").statusCode());
        HttpResponse<String> nothing = central.get("/api/nothing");
        assertEquals(404, nothing.statusCode());
        assertEquals(
                "{\"error\":\"there is no GET /api/nothing; /openapi tells what there is\"}",
                nothing.body());
    }

    private static byte[] mutated(Random random, byte[] from) {
        byte[] bytes = Arrays.copyOf(from, Math.max(0, from.length - random.nextInt(3)));
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
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

    /** Anything at all in any parameter. */
    @Test
    void survivesAnyParameter() throws Exception {
        Random random = Seeds.fresh("parameters");
        List<String> paths =
                List.of(
                        "/api/logs?query=",
                        "/api/logs?from=",
                        "/api/logs?limit=",
                        "/api/logs?cursor=",
                        "/api/logs?direction=",
                        "/api/histogram?query=",
                        "/api/histogram?interval=",
                        "/api/histogram?to=",
                        "/api/facets?fields=",
                        "/api/context?id=",
                        "/api/files?id=",
                        "/api/sources?from=",
                        "/loki/api/v1/query_range?query=",
                        "/loki/api/v1/query_range?step=",
                        "/loki/api/v1/query_range?query=%7B%7D&start=",
                        "/loki/api/v1/query?query=",
                        "/loki/api/v1/query?query=rate(%7B%7D%5B1m%5D)&time=",
                        "/loki/api/v1/labels?end=",
                        "/loki/api/v1/label/level/values?query=",
                        "/loki/api/v1/series?match%5B%5D=");
        String[] parts = {
            "a",
            "AND",
            "OR",
            "NOT ",
            "(",
            ")",
            "\"",
            "/",
            "*",
            "?",
            ":",
            "[",
            "]",
            "{",
            "}",
            " TO ",
            ">=",
            "severity",
            "body",
            "-",
            "\\",
            "9",
            "99999999999999999999",
            ".",
            "now",
            "\u0000",
            "\n",
            "ü",
            "\ud83d\ude00",
            "level=~",
            "`",
            "|=",
            "rate",
            "1m",
            ",",
            "+",
            "%"
        };
        for (int i = 0; i < 1500; i++) {
            StringBuilder value = new StringBuilder();
            for (int part = random.nextInt(8); part >= 0; part--) {
                value.append(parts[random.nextInt(parts.length)]);
            }
            String path =
                    paths.get(random.nextInt(paths.size()))
                            + RunningCentral.encoded(value.toString());
            HttpResponse<String> answer = central.get(path);
            int status = answer.statusCode();
            assertTrue(
                    status == 200 || status == 400 || status == 404,
                    path + ": " + status + " " + answer.body());
        }
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

    @Test
    void pointsAtTheColumnOfAWrongQuery() throws Exception {
        HttpResponse<String> answer =
                central.get("/api/logs?query=" + RunningCentral.encoded("a AND (b OR"));
        assertEquals(400, answer.statusCode());
        assertEquals(
                "{\"error\":\"the query ends where a word is expected\",\"column\":12}",
                answer.body());
    }

    @Test
    void tailsFromACursor() throws Exception {
        assertEquals(
                200,
                central.post(
                                request(logs("", record("tail me one"), record("tail me two"))),
                                PROTOBUF)
                        .statusCode());
        List<String> seen = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                central.stream("/api/tail?cursor=0&query=%22tail+me%22").body(),
                                StandardCharsets.UTF_8))) {
            while (seen.size() < 2) {
                String line = lines.readLine();
                if (line.startsWith("data: {\"id\"")) {
                    seen.add(line);
                }
            }
        }
        assertTrue(seen.get(0).contains("tail me one"), seen.get(0));
        assertTrue(seen.get(1).contains("tail me two"), seen.get(1));
    }

    @Test
    void servesItsAdministration() throws Exception {
        assertEquals(200, central.get("/health/live").statusCode());
        assertEquals(200, central.get("/health/started").statusCode());
        assertTrue(central.get("/metrics").body().contains("central_records_kept"));
        assertTrue(central.get("/openapi").body().contains("/api/logs"));
        HttpResponse<String> page = central.get("/");
        assertEquals(200, page.statusCode());
        assertTrue(
                page.headers()
                        .firstValue("Content-Security-Policy")
                        .orElse("")
                        .startsWith("default-src 'none'"));
    }

    @Test
    void loadsNothingOfSingleSignOnWhileItIsOff() throws Exception {
        String loaded = Files.readString(directory.resolve("classes"));
        assertTrue(loaded.contains(" dev.pillion.central.access.Access "), "the log of classes");
        assertFalse(loaded.contains(" io.helidon.security."));
        assertFalse(loaded.contains(" java.net.http."));
    }

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
            assertEquals(1, count(before, "\"written before\""));
        }
        try (RunningCentral full =
                new RunningCentral(own, "-Dcentral.store.free-bytes=1000000GiB")) {
            HttpResponse<byte[]> answer = full.post(body, PROTOBUF);
            assertEquals(503, answer.statusCode());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
            assertTrue(
                    new String(answer.body(), StandardCharsets.UTF_8)
                            .contains("central.store.free-bytes"));
            assertEquals(1, count(full, "\"written before\""));
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
            assertEquals(sent, count(small, "large*"));
        }
    }

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
