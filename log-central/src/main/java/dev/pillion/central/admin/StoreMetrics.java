package dev.pillion.central.admin;

import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.StoreFigures;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;

import java.util.function.ToLongFunction;

/** The store's figures as metrics. */
public final class StoreMetrics {

    private StoreMetrics() {}

    /** Registers them; each is read when somebody asks. */
    public static void register(MeterRegistry metrics, LogStore store) {
        counter(
                metrics,
                store,
                "records_kept",
                "records made durable since the start",
                StoreFigures::kept);
        counter(
                metrics,
                store,
                "records_repeated",
                "records that were durable already and were dropped",
                StoreFigures::repeats);
        gauge(
                metrics,
                store,
                "head_bytes",
                "memory of the records that are not in chunks yet",
                StoreFigures::headBytes);
        gauge(metrics, store, "journal_bytes", "bytes of the journal", StoreFigures::journalBytes);
        gauge(metrics, store, "chunk_bytes", "bytes of the chunks", StoreFigures::chunkBytes);
        gauge(metrics, store, "chunks", "chunks on disk", StoreFigures::chunks);
        gauge(
                metrics,
                store,
                "journal_lost_bytes",
                "bytes of the journal that could not be read at the start",
                StoreFigures::lostBytes);
        gauge(
                metrics,
                store,
                "damaged_chunks",
                "chunks and days that were found damaged and are left out of answers",
                StoreFigures::damaged);
    }

    private static void counter(
            MeterRegistry metrics,
            LogStore store,
            String name,
            String description,
            ToLongFunction<StoreFigures> figure) {
        metrics.getOrCreate(
                FunctionalCounter.builder(
                                "central." + name, store, s -> figure.applyAsLong(s.figures()))
                        .scope(Meter.Scope.APPLICATION)
                        .description(description));
    }

    private static void gauge(
            MeterRegistry metrics,
            LogStore store,
            String name,
            String description,
            ToLongFunction<StoreFigures> figure) {
        metrics.getOrCreate(
                Gauge.builder("central." + name, () -> figure.applyAsLong(store.figures()))
                        .scope(Meter.Scope.APPLICATION)
                        .description(description));
    }
}
