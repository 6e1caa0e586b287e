package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.ambassador.routes.RouteKey;
import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.ambassador.settings.ProcessSettings;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the README says of settings is what the code knows of them. */
class ReadmeTest {

    @Test
    void listsEveryKeyWithItsDefault() throws IOException {
        List<String> process =
                ProcessSettings.KEYS.stream()
                        .map(
                                key ->
                                        "| `%s` | `%s` | %s |"
                                                .formatted(
                                                        key.name(),
                                                        key.defaultValue(),
                                                        key.meaning()))
                        .toList();
        List<String> route =
                Arrays.stream(RouteKey.values())
                        .map(
                                key ->
                                        "| `%s` | %s | %s |"
                                                .formatted(
                                                        key.text(),
                                                        key.defaultValue(),
                                                        String.join(
                                                                ", ",
                                                                key.protocols().stream()
                                                                        .map(p -> p.text())
                                                                        .sorted()
                                                                        .toList())))
                        .toList();
        List<String> expected = Stream.concat(process.stream(), route.stream()).toList();
        List<String> rows =
                Files.readAllLines(Path.of("README.md")).stream()
                        .filter(line -> line.startsWith("| `"))
                        .toList();
        assertEquals(String.join("\n", expected), String.join("\n", rows));
    }

    @Test
    void processSettingsHaveTheirDefaults() {
        List<Mistake> mistakes = new ArrayList<>();
        assertEquals(
                new ProcessSettings(
                        Path.of("/etc/ambassador/routes"),
                        Path.of("/etc/ambassador/secrets"),
                        Duration.ofSeconds(1),
                        1,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        256,
                        Duration.ofSeconds(60),
                        8091),
                ProcessSettings.parse(key -> Optional.empty(), mistakes));
        assertEquals(List.of(), mistakes);
    }

    @Test
    void processSettingsAreAllReadAndAllRefused() {
        Map<String, String> given =
                Map.of(
                        "ambassador.routes-directory", "/r",
                        "ambassador.secrets-directory", "/s",
                        "ambassador.reload-interval", "250ms",
                        "ambassador.relay-threads", "3",
                        "ambassador.drain-idle", "2s",
                        "ambassador.drain-grace", "1m",
                        "ambassador.http-connections", "7",
                        "ambassador.http-idle", "8s",
                        "server.port", "0");
        List<Mistake> mistakes = new ArrayList<>();
        assertEquals(
                new ProcessSettings(
                        Path.of("/r"),
                        Path.of("/s"),
                        Duration.ofMillis(250),
                        3,
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        7,
                        Duration.ofSeconds(8),
                        0),
                ProcessSettings.parse(key -> Optional.ofNullable(given.get(key)), mistakes));
        assertEquals(List.of(), mistakes);
        ProcessSettings.parse(key -> Optional.of("\0"), mistakes);
        assertEquals(given.size(), mistakes.size(), mistakes.toString());
        mistakes.clear();
        ProcessSettings.refuseUnknown(given.keySet(), mistakes);
        ProcessSettings.refuseUnknown(List.of("java.home", "ambassador.port"), mistakes);
        assertEquals(
                List.of(new Mistake("ambassador.port", "", "is not known; see --help")), mistakes);
    }
}
