package dev.pillion.central;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;

import java.util.List;

/** Requests as OpenTelemetry's own classes write them. */
final class OtlpRequests {

    static final String[] PROTOBUF = {"Content-Type", "application/x-protobuf"};
    static final String[] JSON = {"Content-Type", "application/json"};

    private OtlpRequests() {}

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
}
