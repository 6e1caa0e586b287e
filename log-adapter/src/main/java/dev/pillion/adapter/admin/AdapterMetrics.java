package dev.pillion.adapter.admin;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.ship.Counts;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * The adapter's figures. They are read when scraped: the data path pays for no registry.
 *
 * @param adapter whose figures
 * @param registry that takes them
 */
public record AdapterMetrics(Adapter adapter, MeterRegistry registry) {

    /** Begins all of them. */
    public void register() {
        Counts counts = adapter.counts();
        counter(counts, "records.delivered", "Records the far end has taken", c -> c.records);
        counter(counts, "lines.delivered", "Lines of these records", c -> c.lines);
        counter(counts, "bytes.delivered", "Bytes of files these records stood in", c -> c.bytes);
        counter(counts, "requests", "Requests sent", c -> c.requests);
        counter(counts, "retries", "Batches that have to be sent again", c -> c.retries);
        counter(
                counts,
                "records.rejected",
                "Records left out of an answer of success (partial_success)",
                c -> c.rejected);
        counter(
                counts,
                "records.refused",
                "Records set aside in refused.log, as the far end takes no request with them",
                c -> c.refused);
        counter(counts, "parse.misses", "Records the dialect did not explain", c -> c.misses);
        counter(counts, "gaps", "Times content vanished before it was read", c -> c.gaps);
        counter(counts, "gap.bytes", "Bytes that vanished before they were read", c -> c.gapBytes);
        for (Redactor.Rule rule : Redactor.Rule.values()) {
            registry.getOrCreate(
                    FunctionalCounter.builder(
                                    "adapter.redactions",
                                    adapter.redactor(),
                                    redactor -> redactor.count(rule))
                            .description("Secrets masked, at each sending")
                            .addTag(Tag.create("rule", rule.name().toLowerCase(Locale.ROOT))));
        }
        registry.getOrCreate(
                Gauge.builder(
                                "adapter.files.disagreeing",
                                () -> adapter.reconciliation().disagreeing())
                        .description("Files of which log-central has not what was sent of them"));
        registry.getOrCreate(
                Gauge.builder("adapter.files", () -> adapter.tailer().files().size())
                        .description("Files that are read"));
        registry.getOrCreate(
                Gauge.builder("adapter.lag.bytes", () -> FileMeters.bytes(adapter.tailer().files()))
                        .description("Bytes of all files the far end has not taken yet"));
        registry.getOrCreate(
                Gauge.builder(
                                "adapter.lag.seconds",
                                () -> FileMeters.seconds(adapter.tailer().files()))
                        .description("How long the oldest of them have waited"));
        new FileMeters(adapter.tailer(), registry, adapter.settings().metricsFiles()).start();
    }

    private void counter(
            Counts counts, String name, String description, Function<Counts, LongAdder> count) {
        registry.getOrCreate(
                FunctionalCounter.builder("adapter." + name, counts, c -> count.apply(c).sum())
                        .description(description));
    }
}
