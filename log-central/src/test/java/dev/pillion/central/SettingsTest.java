package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class SettingsTest {

    private static Settings read(Map<String, String> values) throws Settings.Wrong {
        return Settings.read(key -> Optional.ofNullable(values.get(key)));
    }

    @Test
    void hasDefaults() throws Exception {
        Settings settings = read(Map.of());
        assertEquals(Path.of("/var/lib/log-central"), settings.dataDirectory());
        assertEquals(8L << 20, settings.ingest().limits().requestBytes());
        assertEquals(2048, settings.store().chunkRecords());
        assertEquals(Duration.ofDays(30), settings.store().maxAge());
        assertEquals(Duration.ofSeconds(30), settings.query().timeout());
    }

    @Test
    void reportsAllMistakesAtOnce() {
        Settings.Wrong wrong =
                assertThrows(
                        Settings.Wrong.class,
                        () ->
                                read(
                                        Map.of(
                                                "central.store", "opensearch",
                                                "central.ingest.records", "many",
                                                "central.head.bytes", "64MB",
                                                "central.chunk.age", "10")));
        assertEquals(4, wrong.mistakes().size(), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("'opensearch' is not there yet"));
        assertTrue(wrong.getMessage().contains("central.head.bytes: '64MB' is not a size"));
    }

    @Test
    void isWhatTheReadmeSays() throws Exception {
        List<String> rows =
                Files.readAllLines(Path.of("README.md")).stream()
                        .filter(
                                line ->
                                        line.startsWith("| `server.")
                                                || line.startsWith("| `central."))
                        .toList();
        List<String> keys =
                Settings.KEYS.stream()
                        .map(
                                key ->
                                        "| `%s` | %s | %s |"
                                                .formatted(
                                                        key.name(), key.byDefault(), key.meaning()))
                        .toList();
        assertEquals(keys, rows);
    }
}
