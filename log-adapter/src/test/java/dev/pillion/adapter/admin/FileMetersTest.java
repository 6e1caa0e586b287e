package dev.pillion.adapter.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.FakeCentral;
import dev.pillion.adapter.Rig;
import dev.pillion.adapter.Wait;

import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Metrics;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Which files have series of their own. */
class FileMetersTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir Path logs;
    @TempDir Path state;
    private final MeterRegistry registry = Metrics.createMeterRegistry();

    private void write(String name, int hours, String text) throws Exception {
        Path file = Files.writeString(logs.resolve(name), text);
        Files.setLastModifiedTime(file, FileTime.from(NOW.minusSeconds(hours * 3600L)));
    }

    private Map<String, Number> lags() {
        Map<String, Number> lags = new TreeMap<>();
        for (Meter meter : registry.meters()) {
            if (meter.id().name().equals("adapter.file.lag.bytes")) {
                Path file = Path.of(meter.id().tags().iterator().next().value());
                lags.put(file.getFileName().toString(), ((Gauge<?>) meter).value());
            }
        }
        return lags;
    }

    @Test
    void hasSeriesOfTheFilesWrittenToLastAndOfNoMore() throws Exception {
        write("a.log", 30, "1\n");
        write("b.log", 2, "22\n");
        write("c.log", 0, "333\n");
        try (FakeCentral central = new FakeCentral()) {
            central.mood(FakeCentral.Mood.UNAVAILABLE);
            try (Adapter adapter = Rig.start(Rig.settings(logs, state, central.endpoint()))) {
                FileMeters meters = new FileMeters(adapter.tailer(), registry, 2);
                Wait.until(() -> adapter.tailer().files().size() == 3, () -> "three files");
                meters.look(adapter.tailer().files(), NOW);
                assertEquals(Map.of("b.log", 3L, "c.log", 4L), lags());
                // What is in use keeps its series, what was not for an hour gives it up.
                write("d.log", 0, "4444\n");
                write("e.log", 0, "55555\n");
                Wait.until(() -> adapter.tailer().files().size() == 5, () -> "five files");
                meters.look(adapter.tailer().files(), NOW);
                assertEquals(2, lags().size());
                assertEquals(4L, lags().get("c.log"));
                central.mood(FakeCentral.Mood.WELL);
                Wait.until(() -> lags().get("c.log").equals(0L), this::lags);
                Files.delete(logs.resolve("c.log"));
                Wait.until(() -> adapter.tailer().files().size() == 4, () -> "four files");
                meters.look(adapter.tailer().files(), NOW);
                assertEquals(2, lags().size());
                assertEquals(null, lags().get("c.log"));
            }
        }
    }
}
