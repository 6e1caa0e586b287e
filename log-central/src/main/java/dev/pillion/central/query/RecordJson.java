package dev.pillion.central.query;

import dev.pillion.central.ingest.Json;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.Severities;

import java.util.Base64;
import java.util.HexFormat;

/**
 * Writes a record as the JSON object of the reading API. Attributes become plain members; a whole
 * number beyond 2^53 becomes a string, because readers in JavaScript would change it.
 */
public final class RecordJson {

    private static final long MAX_EXACT = 1L << 53;

    private final StringBuilder out;

    private RecordJson(StringBuilder out) {
        this.out = out;
    }

    public static String of(StoredRecord record) {
        StringBuilder out = new StringBuilder(512);
        new RecordJson(out).write(record);
        return out.toString();
    }

    /** The attributes of a resource, as a JSON object. */
    static String attributes(Origin resource) {
        StringBuilder out = new StringBuilder(256);
        byte[] message = resource.message();
        new RecordJson(out).attributes(message, 0, message.length, Otlp.RESOURCE_ATTRIBUTES);
        return out.toString();
    }

    /** An {@code AnyValue}. */
    static String value(byte[] data, int from, int to) {
        StringBuilder out = new StringBuilder();
        new RecordJson(out).write(data, from, to);
        return out.toString();
    }

    private void write(StoredRecord record) {
        byte[] data = record.data();
        int end = record.offset() + record.length();
        out.append("{\"id\":\"").append(record.number()).append('"');
        out.append(",\"time\":\"").append(Times.format(record.time())).append('"');
        long time = 0;
        long observed = 0;
        int severity = 0;
        long flags = 0;
        long dropped = 0;
        Wire wire = new Wire(data, record.offset(), end);
        StringBuilder rest = new StringBuilder();
        int bodyFrom = -1;
        int bodyTo = -1;
        while (wire.next()) {
            switch (wire.tag()) {
                case Otlp.TIME << 3 | Wire.FIXED64 -> time = wire.fixed64();
                case Otlp.OBSERVED_TIME << 3 | Wire.FIXED64 -> observed = wire.fixed64();
                case Otlp.SEVERITY_NUMBER << 3 | Wire.VARINT -> severity = (int) wire.varint();
                case Otlp.SEVERITY_TEXT << 3 | Wire.BYTES -> {
                    rest.append(",\"severityText\":");
                    Json.quote(wire.text(), rest);
                }
                case Otlp.EVENT_NAME << 3 | Wire.BYTES -> {
                    rest.append(",\"eventName\":");
                    Json.quote(wire.text(), rest);
                }
                case Otlp.TRACE_ID << 3 | Wire.BYTES -> hex("traceId", wire, rest);
                case Otlp.SPAN_ID << 3 | Wire.BYTES -> hex("spanId", wire, rest);
                case Otlp.FLAGS << 3 | Wire.FIXED32 ->
                        flags = Integer.toUnsignedLong(wire.fixed32());
                case Otlp.DROPPED_ATTRIBUTES << 3 | Wire.VARINT -> dropped = wire.varint();
                case Otlp.BODY << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    bodyFrom = wire.position() - length;
                    bodyTo = wire.position();
                }
                default -> wire.skip();
            }
        }
        out.append(",\"timeUnixNano\":\"").append(Long.toUnsignedString(time)).append('"');
        out.append(",\"observedTimeUnixNano\":\"")
                .append(Long.toUnsignedString(observed))
                .append('"');
        out.append(",\"severityNumber\":").append(severity);
        out.append(",\"severity\":\"").append(Severities.nameOfAny(severity)).append('"');
        out.append(rest);
        out.append(",\"body\":");
        if (bodyFrom < 0) {
            out.append("null");
        } else {
            write(data, bodyFrom, bodyTo);
        }
        if (flags != 0) {
            out.append(",\"flags\":").append(flags);
        }
        if (dropped != 0) {
            out.append(",\"droppedAttributesCount\":").append(dropped);
        }
        out.append(",\"attributes\":");
        attributes(data, record.offset(), end, Otlp.ATTRIBUTES);
        scope(record.scope());
        out.append(",\"resource\":");
        byte[] resource = record.resource().message();
        attributes(resource, 0, resource.length, Otlp.RESOURCE_ATTRIBUTES);
        out.append('}');
    }

    private static void hex(String name, Wire wire, StringBuilder rest) {
        int length = wire.bytes();
        if (length > 0) {
            rest.append(",\"").append(name).append("\":\"");
            rest.append(
                    HexFormat.of()
                            .formatHex(wire.array(), wire.position() - length, wire.position()));
            rest.append('"');
        }
    }

    private void scope(Origin scope) {
        byte[] message = scope.message();
        if (message.length == 0) {
            return;
        }
        out.append(",\"scope\":{\"name\":");
        String name = "";
        String version = "";
        Wire wire = new Wire(message, 0, message.length);
        while (wire.next()) {
            if (wire.is(Otlp.SCOPE_NAME, Wire.BYTES)) {
                name = wire.text();
            } else if (wire.is(Otlp.SCOPE_VERSION, Wire.BYTES)) {
                version = wire.text();
            } else {
                wire.skip();
            }
        }
        Json.quote(name, out);
        if (!version.isEmpty()) {
            out.append(",\"version\":");
            Json.quote(version, out);
        }
        out.append(",\"attributes\":");
        attributes(message, 0, message.length, Otlp.SCOPE_ATTRIBUTES);
        out.append('}');
    }

    private void attributes(byte[] data, int from, int to, int field) {
        out.append('{');
        boolean first = true;
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.is(field, Wire.BYTES)) {
                int length = wire.bytes();
                if (!first) {
                    out.append(',');
                }
                first = false;
                pair(data, wire.position() - length, wire.position());
            } else {
                wire.skip();
            }
        }
        out.append('}');
    }

    private void pair(byte[] data, int from, int to) {
        String key = "";
        int valueFrom = from;
        int valueTo = from;
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.is(Otlp.KEY, Wire.BYTES)) {
                key = wire.text();
            } else if (wire.is(Otlp.VALUE, Wire.BYTES)) {
                int length = wire.bytes();
                valueFrom = wire.position() - length;
                valueTo = wire.position();
            } else {
                wire.skip();
            }
        }
        Json.quote(key, out);
        out.append(':');
        write(data, valueFrom, valueTo);
    }

    /** The last field of an AnyValue counts, as protobuf's oneof has it. */
    private void write(byte[] data, int from, int to) {
        int start = out.length();
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            int before = out.length();
            switch (wire.tag()) {
                case Otlp.STRING_VALUE << 3 | Wire.BYTES -> Json.quote(wire.text(), out);
                case Otlp.BOOL_VALUE << 3 | Wire.VARINT -> out.append(wire.varint() != 0);
                case Otlp.INT_VALUE << 3 | Wire.VARINT -> {
                    long number = wire.varint();
                    boolean exact = Math.abs(number) <= MAX_EXACT && number != Long.MIN_VALUE;
                    out.append(exact ? "" : "\"").append(number).append(exact ? "" : "\"");
                }
                case Otlp.DOUBLE_VALUE << 3 | Wire.FIXED64 -> {
                    double number = Double.longBitsToDouble(wire.fixed64());
                    boolean plain = Double.isFinite(number);
                    out.append(plain ? "" : "\"").append(number).append(plain ? "" : "\"");
                }
                case Otlp.BYTES_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    byte[] bytes =
                            java.util.Arrays.copyOfRange(
                                    data, wire.position() - length, wire.position());
                    Json.quote(Base64.getEncoder().encodeToString(bytes), out);
                }
                case Otlp.ARRAY_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    list(data, wire.position() - length, wire.position());
                }
                case Otlp.KVLIST_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    attributes(data, wire.position() - length, wire.position(), Otlp.VALUES);
                }
                default -> wire.skip();
            }
            if (out.length() > before && before > start) {
                out.delete(start, before);
            }
        }
        if (out.length() == start) {
            out.append("null");
        }
    }

    private void list(byte[] data, int from, int to) {
        out.append('[');
        boolean first = true;
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.is(Otlp.VALUES, Wire.BYTES)) {
                int length = wire.bytes();
                if (!first) {
                    out.append(',');
                }
                first = false;
                write(data, wire.position() - length, wire.position());
            } else {
                wire.skip();
            }
        }
        out.append(']');
    }
}
