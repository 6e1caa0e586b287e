package dev.pillion.central.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;

import dev.pillion.central.RandomLogs;
import dev.pillion.central.Seeds;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The hand-written decoder against OpenTelemetry's own classes. */
class LogsDecoderTest {

    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 10_000, 8);
    private static final int REQUESTS = 2_000;

    @Test
    void readsWhatTheOracleWrote() throws Exception {
        RandomLogs logs = new RandomLogs(1);
        for (int i = 0; i < REQUESTS; i++) {
            ExportLogsServiceRequest request = logs.request();
            Batch batch = LogsDecoder.decode(request.toByteArray(), LIMITS);
            List<LogRecord> expected = new ArrayList<>();
            for (ResourceLogs resource : request.getResourceLogsList()) {
                for (ScopeLogs scope : resource.getScopeLogsList()) {
                    expected.addAll(scope.getLogRecordsList());
                }
            }
            assertEquals(expected.size(), batch.size(), "request " + i);
            for (int k = 0; k < expected.size(); k++) {
                byte[] bytes =
                        Arrays.copyOfRange(
                                batch.body(),
                                batch.offsets()[k],
                                batch.offsets()[k] + batch.lengths()[k]);
                assertEquals(expected.get(k), LogRecord.parseFrom(bytes));
                assertEquals(position(expected.get(k)), batch.positions()[k]);
            }
        }
    }

    private static long position(LogRecord record) {
        long position = -1;
        for (KeyValue attribute : record.getAttributesList()) {
            if (attribute.getKey().equals("log.file.position")
                    && attribute.getValue().hasIntValue()) {
                position = attribute.getValue().getIntValue();
            }
        }
        return position;
    }

    @Test
    void takesOfBrokenBytesOnlyWhatTheOracleTakes() throws Exception {
        RandomLogs logs = new RandomLogs(2);
        Random random = Seeds.fresh("damaged protobuf");
        int refused = 0;
        int taken = 0;
        for (int i = 0; i < 10 * REQUESTS; i++) {
            byte[] body = logs.request().toByteArray();
            if (body.length == 0) {
                continue;
            }
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                body = Arrays.copyOf(body, random.nextInt(body.length));
            }
            Batch batch;
            try {
                batch = LogsDecoder.decode(body, LIMITS);
            } catch (Malformed e) {
                refused++;
                continue;
            }
            taken += batch.size();
            oracleTakes(batch);
        }
        assertTrue(taken > 1000, "taken only " + taken);
        assertTrue(refused > 1000, "refused only " + refused);
    }

    private static void oracleTakes(Batch batch) throws InvalidProtocolBufferException {
        for (Batch.Group group : batch.groups()) {
            assertNotNull(Resource.parseFrom(group.resource().message()));
            assertNotNull(InstrumentationScope.parseFrom(group.scope().message()));
            for (int i = group.from(); i < group.to(); i++) {
                int from = batch.offsets()[i];
                assertNotNull(
                        LogRecord.parseFrom(
                                Arrays.copyOfRange(batch.body(), from, from + batch.lengths()[i])));
            }
        }
    }

    @Test
    void readsJsonAsTheOracleWritesIt() throws Exception {
        RandomLogs logs = new RandomLogs(4);
        for (int i = 0; i < REQUESTS / 4; i++) {
            ExportLogsServiceRequest.Builder request = logs.request().toBuilder();
            // OTLP/JSON writes ids as hexadecimal and enums as numbers; the oracle writes base64.
            for (ResourceLogs.Builder resource : request.getResourceLogsBuilderList()) {
                for (ScopeLogs.Builder scope : resource.getScopeLogsBuilderList()) {
                    for (LogRecord.Builder record : scope.getLogRecordsBuilderList()) {
                        record.clearTraceId().clearSpanId();
                    }
                }
            }
            ExportLogsServiceRequest expected = request.build();
            String json = JsonFormat.printer().printingEnumsAsInts().print(expected);
            byte[] transcoded = JsonTranscoder.transcode(json.getBytes(StandardCharsets.UTF_8), 8);
            assertEquals(expected, ExportLogsServiceRequest.parseFrom(transcoded), json);
        }
    }

    @Test
    void refusesJsonOfAnotherKind() {
        Malformed refused =
                assertThrows(
                        Malformed.class,
                        () ->
                                JsonTranscoder.transcode(
                                        "{\"streams\":[]}".getBytes(StandardCharsets.UTF_8), 8));
        assertEquals(
                "JSON: 'streams' instead of resourceLogs, which OTLP's log records come in",
                refused.getMessage());
        for (String empty : List.of("{}", "{\"new\":1,\"resourceLogs\":[]}")) {
            byte[] bytes = empty.getBytes(StandardCharsets.UTF_8);
            assertEquals(0, JsonTranscoder.transcode(bytes, 8).length);
        }
    }

    @Test
    void neverFailsOtherwiseOnBrokenJson() {
        String json =
                "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"a\",\"value\":{\"intValue\":"
                        + "\"12\"}}]},\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1\",\"traceId\":\"00ff\","
                        + "\"body\":{\"stringValue\":\"x\\u00e4\"}}]}]}]}";
        Random random = Seeds.fresh("damaged JSON");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder broken = new StringBuilder(json);
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                broken.setCharAt(
                        random.nextInt(broken.length()),
                        "{}[]\":,\\0atn\u0001ü".charAt(random.nextInt(14)));
            }
            byte[] bytes = broken.toString().getBytes(StandardCharsets.UTF_8);
            try {
                LogsDecoder.decode(JsonTranscoder.transcode(bytes, 8), LIMITS);
            } catch (Malformed e) {
                assertFalse(e.getMessage().isEmpty());
            } catch (RuntimeException e) {
                throw new AssertionError(broken.toString(), e);
            }
        }
    }

    @Test
    void rejectsARecordThatIsNestedTooDeep() {
        AnyValue value = AnyValue.newBuilder().setStringValue("deep").build();
        for (int i = 0; i < 20; i++) {
            value =
                    AnyValue.newBuilder()
                            .setArrayValue(ArrayValue.newBuilder().addValues(value))
                            .build();
        }
        ExportLogsServiceRequest request =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(
                                ResourceLogs.newBuilder()
                                        .addScopeLogs(
                                                ScopeLogs.newBuilder()
                                                        .addLogRecords(
                                                                LogRecord.newBuilder()
                                                                        .setBody(value))
                                                        .addLogRecords(LogRecord.newBuilder())))
                        .build();
        Batch batch = LogsDecoder.decode(request.toByteArray(), LIMITS);
        assertEquals(1, batch.size());
        assertEquals(
                List.of(
                        new Batch.Rejection(
                                0, "body is nested deeper than 8 levels (central.ingest.depth)")),
                batch.rejections());
    }

    @Test
    void refusesTooManyRecords() {
        byte[] body = new RandomLogs(6).request().toByteArray();
        IngestLimits one = new IngestLimits(1 << 20, 1 << 20, 0, 8);
        Malformed refused =
                assertThrows(Malformed.class, () -> LogsDecoder.decode(repeated(body), one));
        assertEquals(Malformed.Kind.TOO_LARGE, refused.kind());
    }

    private static byte[] repeated(byte[] body) {
        byte[] record =
                ExportLogsServiceRequest.newBuilder()
                        .addResourceLogs(
                                ResourceLogs.newBuilder()
                                        .addScopeLogs(
                                                ScopeLogs.newBuilder()
                                                        .addLogRecords(LogRecord.newBuilder())))
                        .build()
                        .toByteArray();
        byte[] both = Arrays.copyOf(body, body.length + record.length);
        System.arraycopy(record, 0, both, body.length, record.length);
        return both;
    }
}
