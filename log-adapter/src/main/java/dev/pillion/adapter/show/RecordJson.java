package dev.pillion.adapter.show;

import dev.pillion.adapter.parse.Attribute;
import dev.pillion.adapter.parse.ParsedRecord;

import java.util.HexFormat;

/** A parsed record as JSON text, for people: flat, or as OTLP/JSON. */
public final class RecordJson {

    private RecordJson() {}

    /** One flat object: time, severity, body, logger, attributes by name. */
    public static String flat(ParsedRecord record, long position) {
        StringBuilder json = new StringBuilder(256);
        json.append("{\"time_unix_nano\":\"").append(record.timeNanos());
        json.append("\",\"severity_number\":").append(record.severity());
        if (record.severityText().length() > 0) {
            json.append(",\"severity_text\":");
            quote(json, record.severityText().toString());
        }
        json.append(",\"body\":");
        quote(json, record.body().toString());
        if (record.scope().length() > 0) {
            json.append(",\"scope\":");
            quote(json, record.scope().toString());
        }
        ids(json, record, "trace_id", "span_id");
        json.append(",\"recognised\":").append(record.recognised());
        json.append(",\"attributes\":{\"log.file.position\":").append(position);
        for (int i = 0; i < record.attributeCount(); i++) {
            Attribute attribute = record.attribute(i);
            json.append(',');
            quote(json, attribute.key().toString());
            json.append(':');
            switch (attribute.kind()) {
                case STRING -> quote(json, attribute.text().toString());
                case INTEGER -> json.append(attribute.number());
                case DOUBLE -> json.append(attribute.decimal());
                case BOOLEAN -> json.append(attribute.number() != 0);
            }
        }
        return json.append("}}").toString();
    }

    /** One {@code ExportLogsServiceRequest} in the JSON form of the OTLP specification. */
    public static String otlp(ParsedRecord record, long position) {
        StringBuilder json = new StringBuilder(512);
        json.append("{\"resourceLogs\":[{\"resource\":{},\"scopeLogs\":[{\"scope\":{");
        if (record.scope().length() > 0) {
            json.append("\"name\":");
            quote(json, record.scope().toString());
        }
        json.append("},\"logRecords\":[{\"timeUnixNano\":\"").append(record.timeNanos());
        json.append("\",\"severityNumber\":").append(record.severity());
        if (record.severityText().length() > 0) {
            json.append(",\"severityText\":");
            quote(json, record.severityText().toString());
        }
        json.append(",\"body\":{\"stringValue\":");
        quote(json, record.body().toString());
        json.append('}');
        ids(json, record, "traceId", "spanId");
        json.append(",\"attributes\":[{\"key\":\"log.file.position\",\"value\":{\"intValue\":\"");
        json.append(position).append("\"}}");
        for (int i = 0; i < record.attributeCount(); i++) {
            Attribute attribute = record.attribute(i);
            json.append(",{\"key\":");
            quote(json, attribute.key().toString());
            json.append(",\"value\":{");
            switch (attribute.kind()) {
                case STRING -> {
                    json.append("\"stringValue\":");
                    quote(json, attribute.text().toString());
                }
                case INTEGER ->
                        json.append("\"intValue\":\"").append(attribute.number()).append('"');
                case DOUBLE -> json.append("\"doubleValue\":").append(attribute.decimal());
                case BOOLEAN -> json.append("\"boolValue\":").append(attribute.number() != 0);
            }
            json.append("}}");
        }
        return json.append("]}]}]}]}").toString();
    }

    private static void ids(StringBuilder json, ParsedRecord record, String trace, String span) {
        if (record.traced()) {
            json.append(",\"").append(trace).append("\":\"");
            json.append(HexFormat.of().formatHex(record.traceId())).append('"');
        }
        if (record.spanned()) {
            json.append(",\"").append(span).append("\":\"");
            json.append(HexFormat.of().formatHex(record.spanId())).append('"');
        }
    }

    /** Appends a JSON string (RFC 8259, section 7). */
    public static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7F || (Character.isSurrogate(c) && !paired(text, i))) {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    private static boolean paired(String text, int i) {
        return (Character.isHighSurrogate(text.charAt(i))
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1)))
                || (Character.isLowSurrogate(text.charAt(i))
                        && i > 0
                        && Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
