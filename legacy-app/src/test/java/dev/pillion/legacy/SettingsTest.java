package dev.pillion.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

class SettingsTest {

    @Test
    void hasDefaults() throws Exception {
        assertEquals(
                new Settings(
                        Path.of("/var/log/app"),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5)),
                Settings.read(key -> Optional.empty()));
    }

    @Test
    void readsEveryKey() throws Exception {
        Map<String, String> values =
                Map.of(
                        "app.log-directory", "/tmp/logs",
                        "app.workload.interval", "PT0S",
                        "app.batch.interval", "PT2M",
                        "app.date.interval", "PT0.5S");
        assertEquals(Settings.DEFAULTS.keySet(), values.keySet());
        assertEquals(
                new Settings(
                        Path.of("/tmp/logs"),
                        Duration.ZERO,
                        Duration.ofMinutes(2),
                        Duration.ofMillis(500)),
                Settings.read(key -> Optional.ofNullable(values.get(key))));
    }

    @Test
    void namesAllMistakesAtOnce() {
        Map<String, String> values =
                Map.of("app.workload.interval", "2s", "app.date.interval", "PT-1S");
        Settings.Wrong wrong =
                assertThrows(
                        Settings.Wrong.class,
                        () -> Settings.read(key -> Optional.ofNullable(values.get(key))));
        assertEquals(
                List.of(
                        "app.workload.interval: '2s' is no ISO 8601 duration; write for example"
                                + " PT2S",
                        "app.date.interval: 'PT-1S' is negative; write PT0S to switch it off"),
                wrong.lines());
    }

    @Test
    void readmeListsTheSameKeysAndDefaults() throws Exception {
        var row =
                Pattern.compile("(?m)^\\| `(app\\.[a-z.-]+)` \\| `([^`]+)` \\|")
                        .matcher(Files.readString(Path.of("README.md")));
        Map<String, String> listed = new TreeMap<>();
        while (row.find()) {
            listed.put(row.group(1), row.group(2));
        }
        assertEquals(new TreeMap<>(Settings.DEFAULTS), listed);
    }
}
