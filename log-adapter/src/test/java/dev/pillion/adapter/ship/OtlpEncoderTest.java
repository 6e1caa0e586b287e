package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.detect.Detector;
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
        encoder.begin(OtlpEncoder.resource(Map.of("service.name", "shop").entrySet()));
        ParsedRecord record = new ParsedRecord();
        RecordParser parser = new RecordParser();
        parser.use(dialect, stamp);
        for (int i = 0; i < framer.count(); i++) {
            parser.parse(bytes, framer, i, record);
            encoder.add(record, framer.start(i), 1_700_000_000_000_000_000L);
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
}
