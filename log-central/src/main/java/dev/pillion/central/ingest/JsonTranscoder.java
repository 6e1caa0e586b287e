package dev.pillion.central.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Writes an OTLP/JSON body as the protobuf body it stands for, so that every later stage knows one
 * format. OTLP/JSON is protobuf's JSON mapping with three changes: trace and span ids are
 * hexadecimal, enums are numbers, unknown fields are ignored.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">OTLP, JSON</a>
 */
final class JsonTranscoder {

    /** Levels that the request itself has above a record's values. */
    private static final int REQUEST_LEVELS = 12;

    private final JsonReader in;
    private final ProtobufWriter out = new ProtobufWriter();
    private boolean hasLogs;
    private String unknown = "";

    private JsonTranscoder(String text, int depth) {
        // Each nested value is an object in an object in an array.
        this.in = new JsonReader(text, REQUEST_LEVELS + 4 * depth);
    }

    static byte[] transcode(byte[] json, int depth) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw Malformed.notOtlp("JSON body is not UTF-8");
        }
        return new JsonTranscoder(text, depth).request();
    }

    /**
     * Unknown fields are passed over (OTLP/HTTP, JSON encoding), but a request of nothing else is
     * of another kind, and an answer of 200 would lose it.
     */
    private byte[] request() {
        message(
                name -> {
                    switch (name) {
                        case "resourceLogs" -> {
                            hasLogs = true;
                            each(Otlp.RESOURCE_LOGS, this::resourceLogs);
                        }
                        default -> {
                            unknown = name;
                            in.skip();
                        }
                    }
                });
        in.end();
        if (!hasLogs && !unknown.isEmpty()) {
            throw Malformed.notOtlp(
                    "JSON: '"
                            + unknown.substring(0, Math.min(unknown.length(), 40))
                            + "' instead of resourceLogs, which OTLP's log records come in");
        }
        return out.toBytes();
    }

    private interface Field {
        void read(String name);
    }

    private void message(Field field) {
        in.open('{');
        while (in.more('}')) {
            String name = in.name();
            if (in.peek() == 'n') {
                in.nothing();
            } else {
                field.read(name);
            }
        }
    }

    private void nested(int field, Field fields) {
        int start = out.begin(field);
        message(fields);
        out.end(start);
    }

    private void each(int field, Field fields) {
        in.open('[');
        while (in.more(']')) {
            nested(field, fields);
        }
    }

    private void resourceLogs(String name) {
        switch (name) {
            case "resource" -> nested(Otlp.GROUP_HEAD, this::resource);
            case "scopeLogs" -> each(Otlp.GROUP_ITEMS, this::scopeLogs);
            case "schemaUrl" -> out.text(Otlp.GROUP_SCHEMA_URL, in.string());
            default -> in.skip();
        }
    }

    private void resource(String name) {
        switch (name) {
            case "attributes" -> each(Otlp.RESOURCE_ATTRIBUTES, this::keyValue);
            case "droppedAttributesCount" -> out.varint(2, unsigned32());
            default -> in.skip();
        }
    }

    private void scopeLogs(String name) {
        switch (name) {
            case "scope" -> nested(Otlp.GROUP_HEAD, this::scope);
            case "logRecords" -> each(Otlp.GROUP_ITEMS, this::logRecord);
            case "schemaUrl" -> out.text(Otlp.GROUP_SCHEMA_URL, in.string());
            default -> in.skip();
        }
    }

    private void scope(String name) {
        switch (name) {
            case "name" -> out.text(Otlp.SCOPE_NAME, in.string());
            case "version" -> out.text(Otlp.SCOPE_VERSION, in.string());
            case "attributes" -> each(Otlp.SCOPE_ATTRIBUTES, this::keyValue);
            case "droppedAttributesCount" -> out.varint(4, unsigned32());
            default -> in.skip();
        }
    }

    private void logRecord(String name) {
        switch (name) {
            case "timeUnixNano" -> out.fixed64(Otlp.TIME, unsigned64());
            case "observedTimeUnixNano" -> out.fixed64(Otlp.OBSERVED_TIME, unsigned64());
            case "severityNumber" -> {
                if (in.peek() != '0') {
                    throw in.wrong("severityNumber must be a number");
                }
                out.varint(Otlp.SEVERITY_NUMBER, signed64());
            }
            case "severityText" -> out.text(Otlp.SEVERITY_TEXT, in.string());
            case "body" -> nested(Otlp.BODY, this::anyValue);
            case "attributes" -> each(Otlp.ATTRIBUTES, this::keyValue);
            case "droppedAttributesCount" -> out.varint(Otlp.DROPPED_ATTRIBUTES, unsigned32());
            case "flags" -> out.fixed32(Otlp.FLAGS, (int) unsigned32());
            case "traceId" -> id(Otlp.TRACE_ID, "traceId");
            case "spanId" -> id(Otlp.SPAN_ID, "spanId");
            case "eventName" -> out.text(Otlp.EVENT_NAME, in.string());
            default -> in.skip();
        }
    }

    private void keyValue(String name) {
        switch (name) {
            case "key" -> out.text(Otlp.KEY, in.string());
            case "value" -> nested(Otlp.VALUE, this::anyValue);
            default -> in.skip();
        }
    }

    private void anyValue(String name) {
        switch (name) {
            case "stringValue" -> out.text(Otlp.STRING_VALUE, in.string());
            case "boolValue" -> out.varint(Otlp.BOOL_VALUE, in.bool() ? 1 : 0);
            case "intValue" -> out.varint(Otlp.INT_VALUE, signed64());
            case "doubleValue" ->
                    out.fixed64(Otlp.DOUBLE_VALUE, Double.doubleToRawLongBits(decimal()));
            case "bytesValue" -> out.bytes(Otlp.BYTES_VALUE, base64());
            case "arrayValue" ->
                    nested(
                            Otlp.ARRAY_VALUE,
                            inner -> {
                                if (inner.equals("values")) {
                                    each(Otlp.VALUES, this::anyValue);
                                } else {
                                    in.skip();
                                }
                            });
            case "kvlistValue" ->
                    nested(
                            Otlp.KVLIST_VALUE,
                            inner -> {
                                if (inner.equals("values")) {
                                    each(Otlp.VALUES, this::keyValue);
                                } else {
                                    in.skip();
                                }
                            });
            default -> in.skip();
        }
    }

    private void id(int field, String name) {
        String hex = in.string();
        try {
            out.bytes(field, HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw in.wrong(name + " must be hexadecimal");
        }
    }

    private byte[] base64() {
        String text = in.string();
        try {
            return (text.indexOf('-') >= 0 || text.indexOf('_') >= 0
                            ? Base64.getUrlDecoder()
                            : Base64.getDecoder())
                    .decode(text);
        } catch (IllegalArgumentException e) {
            throw in.wrong("bytesValue must be base64");
        }
    }

    private String numeral() {
        return in.peek() == '"' ? in.string() : in.number();
    }

    private long signed64() {
        String numeral = numeral();
        try {
            return Long.parseLong(numeral);
        } catch (NumberFormatException e) {
            throw in.wrong("a 64-bit number is expected");
        }
    }

    private long unsigned64() {
        String numeral = numeral();
        try {
            return Long.parseUnsignedLong(numeral);
        } catch (NumberFormatException e) {
            throw in.wrong("an unsigned 64-bit number is expected");
        }
    }

    private long unsigned32() {
        String numeral = numeral();
        try {
            return Integer.toUnsignedLong(Integer.parseUnsignedInt(numeral));
        } catch (NumberFormatException e) {
            throw in.wrong("an unsigned 32-bit number is expected");
        }
    }

    private double decimal() {
        String numeral = numeral();
        try {
            return Double.parseDouble(numeral);
        } catch (NumberFormatException e) {
            throw in.wrong("a number is expected");
        }
    }
}
