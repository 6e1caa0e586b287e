package dev.pillion.central;

import com.google.protobuf.ByteString;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;

import java.util.Random;

/** Requests of every shape, written by OpenTelemetry's own classes. */
public final class RandomLogs {

    private static final long YEAR_2026 = 1_767_225_600_000_000_000L;

    private final Random random;

    public RandomLogs(long seed) {
        random = new Random(seed);
    }

    public ExportLogsServiceRequest request() {
        ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
        for (int r = random.nextInt(4); r > 0; r--) {
            ResourceLogs.Builder resource = ResourceLogs.newBuilder();
            if (random.nextBoolean()) {
                Resource.Builder attributes = Resource.newBuilder();
                for (int a = random.nextInt(4); a > 0; a--) {
                    attributes.addAttributes(pair(2));
                }
                if (random.nextBoolean()) {
                    attributes.addAttributes(
                            KeyValue.newBuilder()
                                    .setKey("log.file.id")
                                    .setValue(AnyValue.newBuilder().setStringValue(text())));
                }
                resource.setResource(attributes);
            }
            if (random.nextInt(4) == 0) {
                resource.setSchemaUrl(text());
            }
            for (int s = random.nextInt(3); s > 0; s--) {
                ScopeLogs.Builder scope = ScopeLogs.newBuilder();
                if (random.nextBoolean()) {
                    scope.setScope(
                            InstrumentationScope.newBuilder()
                                    .setName(text())
                                    .setVersion(text())
                                    .addAttributes(pair(1)));
                }
                for (int l = random.nextInt(20); l > 0; l--) {
                    scope.addLogRecords(record());
                }
                resource.addScopeLogs(scope);
            }
            request.addResourceLogs(resource);
        }
        return request.build();
    }

    public LogRecord record() {
        LogRecord.Builder record = LogRecord.newBuilder();
        if (random.nextInt(10) > 0) {
            record.setTimeUnixNano(YEAR_2026 + random.nextLong(1_000_000_000_000L));
        }
        if (random.nextBoolean()) {
            record.setObservedTimeUnixNano(random.nextInt(9) == 0 ? random.nextLong() : YEAR_2026);
        }
        record.setSeverityNumberValue(random.nextInt(12) == 0 ? 77 : random.nextInt(25));
        if (random.nextBoolean()) {
            record.setSeverityText(text());
        }
        if (random.nextInt(6) > 0) {
            record.setBody(value(3));
        }
        for (int a = random.nextInt(6); a > 0; a--) {
            record.addAttributes(pair(3));
        }
        if (random.nextBoolean()) {
            record.addAttributes(
                    KeyValue.newBuilder()
                            .setKey("log.file.position")
                            .setValue(AnyValue.newBuilder().setIntValue(random.nextInt(100000))));
        }
        if (random.nextInt(3) == 0) {
            record.setTraceId(bytes(16)).setSpanId(bytes(8)).setFlags(random.nextInt());
        }
        if (random.nextInt(5) == 0) {
            record.setDroppedAttributesCount(random.nextInt()).setEventName(text());
        }
        return record.build();
    }

    private KeyValue pair(int depth) {
        KeyValue.Builder pair = KeyValue.newBuilder().setKey(text());
        if (random.nextInt(12) > 0) {
            pair.setValue(value(depth));
        }
        return pair.build();
    }

    private AnyValue value(int depth) {
        AnyValue.Builder value = AnyValue.newBuilder();
        switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0, 1, 2 -> value.setStringValue(text());
            case 3 -> value.setIntValue(random.nextInt(3) == 0 ? random.nextLong() : 5);
            case 4 -> value.setBoolValue(random.nextBoolean());
            case 5 -> value.setDoubleValue(random.nextGaussian());
            case 6 -> value.setBytesValue(bytes(random.nextInt(20)));
            case 7 -> {
                ArrayValue.Builder array = ArrayValue.newBuilder();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.addValues(value(depth - 1));
                }
                value.setArrayValue(array);
            }
            default -> {
                KeyValueList.Builder list = KeyValueList.newBuilder();
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.addValues(pair(depth - 1));
                }
                value.setKvlistValue(list);
            }
        }
        return value.build();
    }

    private ByteString bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private String text() {
        String[] words = {"", "a", "order", "Straße", "日本", "😀", "key.with.dots", "x y\nz", "0"};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            text.append(words[random.nextInt(words.length)]);
        }
        return random.nextInt(40) == 0 ? text.toString().repeat(60) : text.toString();
    }
}
