package dev.pillion.central.query;

import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;
import dev.pillion.central.store.LogStore.StoredRecord;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

import java.io.StringReader;

/** A record as a line of RFC 4180. */
final class Csv {

    private Csv() {}

    static String line(StoredRecord record) {
        JsonObject json;
        try (var reader = Json.createReader(new StringReader(RecordJson.of(record)))) {
            json = reader.readObject();
        }
        return cell(json.getString("time"))
                + ','
                + cell(json.getString("severity"))
                + ','
                + cell(text(json.getJsonObject("resource").get("service.name")))
                + ','
                + cell(scopeName(record))
                + ','
                + cell(text(json.get("body")))
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

    private static String text(JsonValue value) {
        if (value == null || value == JsonValue.NULL) {
            return "";
        }
        return value instanceof JsonString string ? string.getString() : value.toString();
    }

    /** Quoted always; a cell that a spreadsheet would run as a formula gets an apostrophe. */
    private static String cell(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }
}
