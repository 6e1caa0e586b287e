package dev.pillion.central.loki;

import dev.pillion.central.ingest.Json;
import dev.pillion.central.query.RecordJson;
import dev.pillion.central.store.LogStore.StoredRecord;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Records as Loki's streams: those of equal labels together, each with its time, its line, and
 * perhaps what else it has, which Loki calls structured metadata. Not thread-safe.
 */
final class Streams {

    private final boolean metadata;
    private final Map<SortedMap<String, String>, StringBuilder> streams = new LinkedHashMap<>();

    /**
     * @param metadata whether attributes are given apart from the labels; else they are not given
     */
    Streams(boolean metadata) {
        this.metadata = metadata;
    }

    void add(StoredRecord record) {
        JsonObject json;
        try (var reader = jakarta.json.Json.createReader(new StringReader(RecordJson.of(record)))) {
            json = reader.readObject();
        }
        SortedMap<String, String> labels = Labels.of(record.resource());
        labels.put(Labels.LEVEL, Labels.levelOf(json.getString("severity")));
        StringBuilder values = streams.computeIfAbsent(labels, _ -> new StringBuilder());
        values.append(values.isEmpty() ? "[\"" : ",[\"").append(record.time()).append("\",");
        Json.quote(text(json.get("body")), values);
        if (metadata) {
            values.append(",{\"structuredMetadata\":").append(object(attributes(json))).append('}');
        }
        values.append(']');
    }

    private static SortedMap<String, String> attributes(JsonObject json) {
        SortedMap<String, String> all = new TreeMap<>();
        json.getJsonObject("attributes")
                .forEach((name, value) -> all.put(name.replaceAll("\\W", "_"), text(value)));
        putIfThere(json, "traceId", "trace_id", all);
        putIfThere(json, "spanId", "span_id", all);
        putIfThere(json, "eventName", "event_name", all);
        if (json.containsKey("scope")) {
            all.put("scope_name", json.getJsonObject("scope").getString("name"));
        }
        return all;
    }

    private static void putIfThere(
            JsonObject json, String member, String name, Map<String, String> all) {
        if (json.containsKey(member)) {
            all.put(name, json.getString(member));
        }
    }

    private static String text(JsonValue value) {
        if (value == null || value == JsonValue.NULL) {
            return "";
        }
        return value instanceof JsonString string ? string.getString() : value.toString();
    }

    boolean isEmpty() {
        return streams.isEmpty();
    }

    /** An array of all streams. */
    String json() {
        StringBuilder json = new StringBuilder("[");
        streams.forEach(
                (labels, values) -> {
                    json.append(json.length() > 1 ? "," : "");
                    json.append("{\"stream\":").append(object(labels));
                    json.append(",\"values\":[").append(values).append("]}");
                });
        return json.append(']').toString();
    }

    static String object(Map<String, String> members) {
        StringBuilder json = new StringBuilder("{");
        members.forEach(
                (name, value) -> {
                    json.append(json.length() > 1 ? "," : "");
                    Json.quote(name, json);
                    json.append(':');
                    Json.quote(value, json);
                });
        return json.append('}').toString();
    }
}
