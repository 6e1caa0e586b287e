package dev.pillion.ambassador.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.ambassador.Ambassador;
import dev.pillion.ambassador.settings.ProcessSettings;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class RoutesServiceTest {

    @TempDir Path folder;

    /** The document is written by hand; what is answered must stand in it. */
    @Test
    void answersWhatOpenapiSays() throws IOException {
        Map.of(
                        "protocol", "postgres",
                        "listen", "127.0.0.1:0",
                        "upstream", "localhost:1",
                        "user", "real",
                        "password", "secret",
                        "warm-sessions", "1")
                .forEach(this::key);
        String document;
        try (InputStream in = RoutesService.class.getResourceAsStream("openapi.yaml")) {
            document = new String(in.readAllBytes(), UTF_8);
        }
        try (Ambassador ambassador =
                new Ambassador(
                        new ProcessSettings(
                                folder,
                                folder.resolve("none"),
                                Duration.ofSeconds(1),
                                1,
                                Duration.ofMillis(1),
                                Duration.ofMillis(100),
                                256,
                                Duration.ofSeconds(60),
                                0))) {
            assertEquals(List.of(), ambassador.start());
            ambassador.statistics().of("db").failed(Instant.EPOCH, "refused", "not there");
            key("upstream", "nonsense");
            ambassador.routes().load();
            List<String> missing = new ArrayList<>();
            for (String name : names(new RoutesService(ambassador).routes())) {
                if (!name.equals("refused")
                        && !document.contains(" " + name + ": {")
                        && !document.contains(" " + name + ":\n")) {
                    missing.add(name);
                }
            }
            assertEquals(List.of(), missing);
        }
    }

    private void key(String key, String value) {
        try {
            Files.writeString(folder.resolve("route.db." + key), value);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static List<String> names(JsonValue value) {
        List<String> names = new ArrayList<>();
        if (value instanceof JsonObject object) {
            names.addAll(object.keySet());
            object.values().forEach(inner -> names.addAll(names(inner)));
        } else if (value instanceof JsonArray array) {
            array.forEach(inner -> names.addAll(names(inner)));
        }
        return names;
    }
}
