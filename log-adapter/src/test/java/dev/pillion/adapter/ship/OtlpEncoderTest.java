package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.detect.Detector;
import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What is written by hand is what OpenTelemetry's own classes would write: byte for byte, but for
 * the padded lengths of messages whose end is not known when they begin.
 */
class OtlpEncoderTest {

    @Test
    void writesWhatTheGeneratedClassesWrite() throws Exception {
        String json =
                """
                {"@timestamp":"2024-03-13T09:59:27.432Z","level":"INFO","message":"a \\"b\\" ✓","logger_name":"x.A","n":42,"neg":-7,"d":1.5,"yes":true,"traceId":"0000000000000000749a067df7f24ed4","spanId":"3e58e11db2d69bc0"}
                {"@timestamp":"2024-03-13T09:59:28Z","level":"FATAL","message":"","logger_name":"x.A"}
                {"@timestamp":"2024-03-13T09:59:29Z","message":"no level, no logger","nested":{"a":{"b":"c"}},"list":[1,{"x":"]"}]}
                """;
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Stamp stamp = new Stamp(ZoneOffset.UTC, Instant.EPOCH);
        var dialect = Detector.detect(bytes, 0, bytes.length, stamp).dialect();
        Framer framer = new Framer(1 << 20, 100);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, dialect, stamp);
        OtlpEncoder encoder = new OtlpEncoder();
        encoder.begin(
                OtlpEncoder.resource(Map.of("service.name", "shop").entrySet()),
                1_700_000_000_000_000_000L,
                bytes);
        ParsedRecord record = new ParsedRecord();
        RecordParser parser = new RecordParser();
        parser.use(dialect, stamp);
        for (int i = 0; i < framer.count(); i++) {
            parser.parse(bytes, framer, i, record);
            encoder.add(record, framer.start(i));
        }
        encoder.finish();
        byte[] written = Arrays.copyOf(encoder.bytes(), encoder.length());
        ExportLogsServiceRequest request = ExportLogsServiceRequest.parseFrom(written);
        var scopes = request.getResourceLogs(0).getScopeLogsList();
        assertEquals(2, scopes.size());
        byte[] exact = request.toByteArray();
        int padding = 0;
        for (int length :
                List.of(
                        request.getResourceLogs(0).getSerializedSize(),
                        scopes.get(0).getSerializedSize(),
                        scopes.get(1).getSerializedSize())) {
            padding += 4 - OtlpEncoder.varintSize(length);
        }
        for (var scope : scopes) {
            for (LogRecord sent : scope.getLogRecordsList()) {
                padding += 4 - OtlpEncoder.varintSize(sent.getSerializedSize());
            }
        }
        assertEquals(exact.length + padding, written.length);
        assertTrue(request.getUnknownFields().asMap().isEmpty());
        LogRecord first = scopes.get(0).getLogRecords(0);
        assertEquals("a \"b\" ✓", first.getBody().getStringValue());
        assertEquals(1710323967432000000L, first.getTimeUnixNano());
        assertEquals(9, first.getSeverityNumberValue());
        assertEquals(16, first.getTraceId().size());
        assertEquals(21, scopes.get(0).getLogRecords(1).getSeverityNumberValue());
        assertEquals(0, scopes.get(1).getLogRecords(0).getSeverityNumberValue());
    }

    /** A file's lines, from offset {@code base} on; added in one go, or one by one. */
    private static ExportLogsServiceRequest request(
            byte[] bytes, long base, boolean utf8, boolean atOnce) throws Exception {
        Stamp stamp = new Stamp(ZoneOffset.UTC, Instant.EPOCH);
        Dialect plain = new Dialect.Plain();
        Framer framer = new Framer(1 << 20, 100_000);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, plain, stamp);
        assertEquals(framer.count(), framer.lines(0));
        OtlpEncoder encoder = new OtlpEncoder();
        encoder.begin(
                OtlpEncoder.resource(Map.of("service.name", "shop").entrySet()),
                1_700_000_000_000_000_000L,
                utf8 ? bytes : new byte[0]);
        ParsedRecord record = new ParsedRecord();
        RecordParser parser = new RecordParser();
        parser.use(plain, stamp);
        // The first by itself in any case: lines go on after records.
        parser.parse(bytes, framer, 0, record);
        encoder.add(record, base);
        if (atOnce) {
            encoder.lines(bytes, framer, 1, framer.count(), base);
        } else {
            for (int i = 1; i < framer.count(); i++) {
                parser.parse(bytes, framer, i, record);
                encoder.add(record, base + framer.start(i));
            }
        }
        assertEquals(framer.count(), encoder.records());
        encoder.finish();
        return ExportLogsServiceRequest.parseFrom(Arrays.copyOf(encoder.bytes(), encoder.length()));
    }

    @Test
    void writesLinesInOneGoAsItWritesThemOneByOne() throws Exception {
        StringBuilder text = new StringBuilder("first\n\0\0behind a hole\r\nx\n✓ done\n");
        for (int length : new int[] {100, 121, 122, 123, 124, 125, 126, 127, 128, 130, 16_400}) {
            text.append("a".repeat(length)).append('\n');
        }
        for (int i = 0; i < 20_000; i++) {
            text.append("line ").append(i).append('\n');
        }
        byte[] bytes = text.append("no end").toString().getBytes(StandardCharsets.UTF_8);
        for (long base :
                new long[] {0, 100, (1L << 21) - 5, (1L << 49) + 3, (1L << 56) - 400_000}) {
            ExportLogsServiceRequest atOnce = request(bytes, base, true, true);
            assertEquals(request(bytes, base, true, false), atOnce);
            assertEquals(
                    base + bytes.length - "no end".length(),
                    atOnce.getResourceLogs(0)
                            .getScopeLogs(0)
                            .getLogRecordsList()
                            .getLast()
                            .getAttributes(0)
                            .getValue()
                            .getIntValue());
        }
    }

    @Test
    void mendsLinesThatAreNotUtf8() throws Exception {
        byte[] bytes = "one\ntwo\nthree\nfour ✓\n".getBytes(StandardCharsets.UTF_8);
        bytes[5] = (byte) 0xFF;
        ExportLogsServiceRequest request = request(bytes, 0, false, true);
        assertEquals(request(bytes, 0, false, false), request);
        assertEquals(
                List.of("one", "t\uFFFDo", "three", "four ✓"),
                request.getResourceLogs(0).getScopeLogs(0).getLogRecordsList().stream()
                        .map(record -> record.getBody().getStringValue())
                        .toList());
    }
}
