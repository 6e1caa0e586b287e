package dev.pillion.adapter.admin;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.detect.Detector.Detection;
import dev.pillion.adapter.ship.Reconciliation;
import dev.pillion.adapter.show.RecordJson;
import dev.pillion.adapter.tail.TailedFile;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;

import java.nio.charset.StandardCharsets;

/** {@code GET /files}: every file that is read, and how far. */
public final class FilesService implements HttpService {

    private final Adapter adapter;

    public FilesService(Adapter adapter) {
        this.adapter = adapter;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(
                "/",
                (request, response) -> {
                    response.headers().contentType(MediaTypes.APPLICATION_JSON);
                    response.send(files().getBytes(StandardCharsets.UTF_8));
                });
    }

    /** A JSON array, sorted by path. */
    private String files() {
        long now = System.nanoTime();
        StringBuilder json = new StringBuilder("[");
        for (TailedFile file : adapter.tailer().files()) {
            if (json.length() > 1) {
                json.append(",\n ");
            }
            json.append("{\"path\":");
            RecordJson.quote(json, file.path().toString());
            json.append(",\"id\":");
            RecordJson.quote(json, file.id());
            Detection detection = file.detection();
            json.append(",\"dialect\":");
            RecordJson.quote(json, detection == null ? "" : detection.dialect().name());
            json.append(",\"layout\":");
            RecordJson.quote(json, detection == null ? "" : detection.dialect().description());
            json.append(",\"confidence\":")
                    .append(
                            detection == null
                                    ? 0
                                    : Math.round(detection.confidence() * 100) / 100.0);
            json.append(",\"size\":").append(file.size());
            json.append(",\"readOffset\":").append(file.readOffset());
            json.append(",\"acknowledgedOffset\":").append(file.acked().offset());
            json.append(",\"lagBytes\":").append(file.lagBytes());
            json.append(",\"lagSeconds\":").append(Math.round(file.lagSeconds(now) * 10) / 10.0);
            json.append(",\"records\":").append(file.records());
            adapter.reconciliation().of(file.id()).ifPresent(both -> append(json, both));
            json.append(",\"notTaken\":").append(file.notTaken());
            json.append(",\"parseMisses\":").append(file.misses());
            json.append(",\"copy\":").append(file.copy());
            json.append(",\"lastError\":");
            RecordJson.quote(json, file.lastError());
            json.append('}');
        }
        return json.append("]\n").toString();
    }

    /** Both sides' numbers, from a moment when the file stood still. */
    private static void append(StringBuilder json, Reconciliation.Compared both) {
        json.append(",\"acknowledged\":{\"records\":").append(both.here().records());
        json.append(",\"position\":").append(both.here().position());
        json.append("},\"central\":{\"records\":").append(both.there().records());
        json.append(",\"position\":").append(both.there().position());
        json.append("},\"agrees\":").append(both.agrees());
    }
}
