package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.access.SignOnSettings;

import org.junit.jupiter.api.Test;

import java.net.URI;
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
    void reportsWhatIsOursAndNotKnown() {
        assertEquals(
                List.of("central.retention: is not known; see --help"),
                Settings.unknown(
                        List.of("central.retention.age", "central.retention", "server.port")));
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
    void readsWhereReadersSignOn() throws Exception {
        assertEquals(Optional.empty(), read(Map.of()).access().signOn());
        SignOnSettings signOn =
                read(Map.of(
                                "central.access.oidc.issuer", "https://id.example.org",
                                "central.access.oidc.client-id", "logs",
                                "central.access.oidc.address", "https://logs.example.org/shop",
                                "central.access.oidc.scopes", "openid groups",
                                "central.access.oidc.user-claim", "preferred_username",
                                "central.access.oidc.namespaces-claim", "groups",
                                "central.access.oidc.timeout", "3s"))
                        .access()
                        .signOn()
                        .orElseThrow();
        assertEquals(
                new SignOnSettings(
                        "https://id.example.org",
                        "logs",
                        URI.create("https://logs.example.org/shop/"),
                        "openid groups",
                        "preferred_username",
                        "groups",
                        Duration.ofSeconds(3)),
                signOn);
        Settings.Wrong wrong =
                assertThrows(
                        Settings.Wrong.class,
                        () -> read(Map.of("central.access.oidc.issuer", "http://id.example.org")));
        assertEquals(
                List.of(
                        "central.access.oidc.issuer: 'http://id.example.org' is not an address with"
                                + " https; write https://logs.example.org/ (http only on this"
                                + " machine: http://localhost:8094/)",
                        "central.access.oidc.address: 'none' is not an address with https; write"
                                + " https://logs.example.org/ (http only on this machine:"
                                + " http://localhost:8094/)"),
                wrong.mistakes());
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
