package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class SettingsTest {

    @TempDir Path folder;

    private Settings read(Map<String, String> values) throws Settings.Mistakes {
        return Settings.read(
                key ->
                        key.equals("adapter.state-directory") && !values.containsKey(key)
                                ? Optional.of(folder.toString())
                                : Optional.ofNullable(values.get(key)));
    }

    @Test
    void hasDefaultsForEverything() throws Settings.Mistakes {
        Settings settings = read(Map.of());
        assertEquals("otlp", settings.sink());
        assertEquals("http://localhost:8094/v1/logs", settings.endpoint().uri().toString());
        assertEquals(1 << 20, settings.maxRecordBytes());
    }

    @Test
    void isWhatTheReadmeSays() throws IOException {
        Map<String, String> table = new LinkedHashMap<>();
        Matcher row =
                Pattern.compile("\\| `(adapter\\.[a-z.-]+)` \\| `([^`]*)` \\|")
                        .matcher(Files.readString(Path.of("README.md")));
        while (row.find()) {
            table.put(row.group(1), row.group(2));
        }
        assertEquals(Settings.DEFAULTS, table);
    }

    private Settings.Mistakes mistakes(Map<String, String> values) {
        return assertThrows(Settings.Mistakes.class, () -> read(values));
    }

    @Test
    void reportsEveryMistakeAtOnceWithValueAndRemedy() {
        Settings.Mistakes mistakes =
                mistakes(
                        Map.of(
                                "adapter.endpoint", "central",
                                "adapter.zone", "Mars",
                                "adapter.charset", "*.txt=Shift_JIS",
                                "adapter.workers", "0",
                                "adapter.quiet-time", "soon",
                                "adapter.include", "logs/*",
                                "adapter.file.template", "x",
                                "adapter.compression", "brotli",
                                "adapter.exclude", "*.[gz",
                                "adapter.sink", "kafka"));
        assertEquals(10, mistakes.lines().size(), mistakes::getMessage);
        for (String line : mistakes.lines()) {
            assertTrue(line.matches("adapter\\.[a-z.-]+: '.*(write|name).*"), line);
        }
    }

    @Test
    void repeatsNoSecretOfAWrongAddress() {
        for (String wrong : List.of("htp://user:pass/word@central", "user:pass/word@central")) {
            String said = mistakes(Map.of("adapter.endpoint", wrong + "?key=abc")).getMessage();
            assertTrue(said.contains("…@central?…' is no address"), said);
            assertFalse(said.contains("word") || said.contains("abc"), said);
        }
    }

    @Test
    void asksForDescriptorsForAllWorkers() throws Settings.Mistakes {
        assertEquals(
                "adapter.max-open-files: '12' is too few for adapter.workers; write at least 13",
                mistakes(Map.of("adapter.workers", "9", "adapter.max-open-files", "12"))
                        .getMessage());
        read(Map.of("adapter.workers", "9", "adapter.max-open-files", "13"));
    }

    @Test
    void refusesASinkFileThatWouldBeReadAgain() {
        Settings.Mistakes mistakes =
                mistakes(
                        Map.of(
                                "adapter.sink", "file",
                                "adapter.include", "/var/log/app/*",
                                "adapter.file.path", "/var/log/app/out.log"));
        assertTrue(mistakes.getMessage().contains("adapter.file.path"), mistakes::getMessage);
    }
}
