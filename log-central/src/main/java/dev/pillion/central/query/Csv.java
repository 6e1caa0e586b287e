package dev.pillion.central.query;

import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.Severities;

import jakarta.json.Json;
import jakarta.json.JsonString;

import java.io.StringReader;

/** A record as a line of RFC 4180. */
final class Csv {

    private Csv() {}

    static String line(StoredRecord record) {
        int severity = 0;
        String body = "";
        Wire wire = new Wire(record.data(), record.offset(), record.offset() + record.length());
        while (wire.next()) {
            if (wire.is(Otlp.SEVERITY_NUMBER, Wire.VARINT)) {
                severity = (int) wire.varint();
            } else if (wire.is(Otlp.BODY, Wire.BYTES)) {
                int length = wire.bytes();
                body = text(record.data(), wire.position() - length, wire.position());
            } else {
                wire.skip();
            }
        }
        return cell(Times.format(record.time()))
                + ','
                + cell(Severities.nameOfAny(severity))
                + ','
                + cell(record.resource().attribute("service.name"))
                + ','
                + cell(scopeName(record))
                + ','
                + cell(body)
                + "\r\n";
    }

    private static String scopeName(StoredRecord record) {
        byte[] scope = record.scope().message();
        Wire wire = new Wire(scope, 0, scope.length);
        String name = "";
        while (wire.next()) {
            if (wire.is(Otlp.SCOPE_NAME, Wire.BYTES)) {
                name = wire.text();
            } else {
                wire.skip();
            }
        }
        return name;
    }

    /** A text as it is, nothing for nothing, another value as JSON. */
    private static String text(byte[] value, int from, int to) {
        Wire wire = new Wire(value, from, to);
        if (wire.next() && wire.is(Otlp.STRING_VALUE, Wire.BYTES)) {
            String text = wire.text();
            if (wire.position() == to) {
                return text;
            }
        }
        String json = RecordJson.value(value, from, to);
        if (json.startsWith("\"")) {
            try (var reader = Json.createReader(new StringReader(json))) {
                return ((JsonString) reader.readValue()).getString();
            }
        }
        return json.equals("null") ? "" : json;
    }

    /** Quoted always; a cell that a spreadsheet would run as a formula gets an apostrophe. */
    private static String cell(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }
}
