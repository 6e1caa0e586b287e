package dev.pillion.central.query;

import dev.pillion.central.ingest.ProtobufWriter;
import dev.pillion.central.store.LogStore.StoredRecord;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** How a whole result is written. */
enum Export {
    NDJSON("application/x-ndjson", ""),
    CSV("text/csv; charset=utf-8", "time,severity,service.name,scope,body\r\n"),
    OTLP("application/x-protobuf", "");

    private final String type;
    private final String head;

    Export(String type, String head) {
        this.type = type;
        this.head = head;
    }

    static Optional<Export> of(String accept) {
        if (accept.contains("application/x-ndjson")) {
            return Optional.of(NDJSON);
        }
        if (accept.contains("text/csv")) {
            return Optional.of(CSV);
        }
        return accept.contains("application/x-protobuf") ? Optional.of(OTLP) : Optional.empty();
    }

    String type() {
        return type;
    }

    String head() {
        return head;
    }

    byte[] record(StoredRecord record) {
        return switch (this) {
            case NDJSON -> (RecordJson.of(record) + "\n").getBytes(StandardCharsets.UTF_8);
            case CSV -> Csv.line(record).getBytes(StandardCharsets.UTF_8);
            case OTLP -> otlp(record);
        };
    }

    /** Requests one behind the other are one request: protobuf concatenates repeated fields. */
    private static byte[] otlp(StoredRecord record) {
        ProtobufWriter out = new ProtobufWriter();
        int resourceLogs = out.begin(1);
        out.bytes(1, record.resource().message());
        int scopeLogs = out.begin(2);
        out.bytes(1, record.scope().message());
        out.bytes(2, record.data(), record.offset(), record.length());
        if (!record.scope().schemaUrl().isEmpty()) {
            out.text(3, record.scope().schemaUrl());
        }
        out.end(scopeLogs);
        if (!record.resource().schemaUrl().isEmpty()) {
            out.text(3, record.resource().schemaUrl());
        }
        out.end(resourceLogs);
        return out.toBytes();
    }
}
