package dev.pillion.adapter.bench;

import com.google.protobuf.InvalidProtocolBufferException;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Puts a file together again of what arrives, a record a line: each has to begin where the one
 * before ended. Decodes with OpenTelemetry's own classes.
 */
final class WholeFile implements Consumer<byte[]> {

    private final CRC32 crc = new CRC32();
    private long end;
    private long records;
    private long outOfPlace;

    @Override
    public synchronized void accept(byte[] body) {
        try {
            for (ResourceLogs resource :
                    ExportLogsServiceRequest.parseFrom(body).getResourceLogsList()) {
                for (ScopeLogs scope : resource.getScopeLogsList()) {
                    scope.getLogRecordsList().forEach(this::add);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(LogRecord record) {
        long position =
                record.getAttributesList().stream()
                        .filter(a -> a.getKey().equals("log.file.position"))
                        .map(KeyValue::getValue)
                        .findFirst()
                        .orElseThrow()
                        .getIntValue();
        records++;
        if (position != end) {
            outOfPlace++;
        }
        byte[] line = (record.getBody().getStringValue() + '\n').getBytes(StandardCharsets.UTF_8);
        crc.update(line);
        end = position + line.length;
    }

    /** Where the last record ends. */
    synchronized long end() {
        return end;
    }

    synchronized long records() {
        return records;
    }

    /** Records that did not begin where the one before ended. */
    synchronized long outOfPlace() {
        return outOfPlace;
    }

    /** CRC-32 of all lines as they came. */
    synchronized long sum() {
        return crc.getValue();
    }
}
