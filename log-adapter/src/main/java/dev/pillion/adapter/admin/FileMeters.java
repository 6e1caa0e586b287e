package dev.pillion.adapter.admin;

import dev.pillion.adapter.tail.TailedFile;
import dev.pillion.adapter.tail.Tailer;

import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The lag of each file, as series labelled with its path. A folder may hold thousands of files and
 * new names every day: only those written to last have series, {@code adapter.metrics.files} paths
 * at most, and a series ends when its file is gone. One thread of its own, idle but for a look
 * every few seconds; the values are read when scraped.
 */
final class FileMeters {

    private static final long PERIOD_SECONDS = 5;

    private final Tailer tailer;
    private final MeterRegistry registry;
    private final int most;
    private final Map<Path, List<Meter>> meters = new HashMap<>();
    private volatile Map<Path, List<TailedFile>> files = Map.of();

    /**
     * @param most paths that have series at the same time
     */
    FileMeters(Tailer tailer, MeterRegistry registry, int most) {
        this.tailer = tailer;
        this.registry = registry;
        this.most = most;
    }

    /** Begins to look, until the process ends. */
    void start() {
        Thread.ofPlatform().name("file meters").daemon().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                look(tailer.files(), Instant.now());
                TimeUnit.SECONDS.sleep(PERIOD_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins and ends series, so that they are those of these files. */
    void look(Collection<TailedFile> all, Instant now) {
        // Several files at once have had one path after another was deleted or truncated.
        Map<Path, List<TailedFile>> found =
                all.stream().collect(Collectors.groupingBy(TailedFile::path));
        files = found;
        List<Path> chosen = chosen(found, now);
        meters.entrySet()
                .removeIf(
                        entry -> {
                            boolean ended = !chosen.contains(entry.getKey());
                            if (ended) {
                                entry.getValue().forEach(registry::remove);
                            }
                            return ended;
                        });
        chosen.forEach(path -> meters.computeIfAbsent(path, this::begin));
    }

    /** Those written to last; where too many are in use, those that have series keep them. */
    private List<Path> chosen(Map<Path, List<TailedFile>> found, Instant now) {
        Instant inUse = now.minus(1, ChronoUnit.HOURS);
        Comparator<Path> last = Comparator.comparing(path -> modified(found.get(path)));
        Comparator<Path> kept =
                Comparator.comparing(
                        path ->
                                meters.containsKey(path)
                                        && modified(found.get(path)).isAfter(inUse));
        return found.keySet().stream()
                .sorted(kept.thenComparing(last).reversed())
                .limit(most)
                .toList();
    }

    private static Instant modified(List<TailedFile> files) {
        return files.stream()
                .map(TailedFile::modified)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private List<Meter> begin(Path path) {
        Tag label = Tag.create("file", path.toString());
        return List.of(
                registry.getOrCreate(
                        Gauge.builder("adapter.file.lag.bytes", () -> bytes(files(path)))
                                .description("Bytes of a file the far end has not taken yet")
                                .addTag(label)),
                registry.getOrCreate(
                        Gauge.builder("adapter.file.lag.seconds", () -> seconds(files(path)))
                                .description("How long the oldest of them have waited")
                                .addTag(label)));
    }

    private List<TailedFile> files(Path path) {
        return files.getOrDefault(path, List.of());
    }

    static long bytes(Collection<TailedFile> files) {
        return files.stream().mapToLong(TailedFile::lagBytes).sum();
    }

    static double seconds(Collection<TailedFile> files) {
        long now = System.nanoTime();
        return files.stream().mapToDouble(file -> file.lagSeconds(now)).max().orElse(0);
    }
}
