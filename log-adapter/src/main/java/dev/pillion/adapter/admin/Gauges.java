package dev.pillion.adapter.admin;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.Service;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.tail.TailedFile;

import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Metrics;
import io.helidon.metrics.api.Tag;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Registers the adapter's figures, which are read when somebody asks. */
@ApplicationScoped
public class Gauges {

    private final Service service;

    @Inject
    public Gauges(Service service) {
        this.service = service;
    }

    void register(
            @Observes
                    @Priority(Interceptor.Priority.LIBRARY_AFTER + 1000)
                    @Initialized(ApplicationScoped.class)
                    Object event) {
        Adapter adapter = service.adapter();
        var counts = adapter.counts();
        gauge("adapter_records_delivered", counts.records, c -> c.sum());
        gauge("adapter_bytes_delivered", counts.bytes, c -> c.sum());
        gauge("adapter_requests", counts.requests, c -> c.sum());
        gauge("adapter_retries", counts.retries, c -> c.sum());
        gauge("adapter_records_rejected", counts.rejected, c -> c.sum());
        gauge("adapter_records_refused", counts.refused, c -> c.sum());
        gauge("adapter_parse_misses", counts.misses, c -> c.sum());
        gauge("adapter_gaps", counts.gaps, c -> c.sum());
        gauge("adapter_gap_bytes", counts.gapBytes, c -> c.sum());
        gauge("adapter_files_disagreeing", adapter.reconciliation(), r -> r.disagreeing());
        gauge("adapter_files", adapter.tailer(), t -> t.files().size());
        gauge(
                "adapter_lag_bytes",
                adapter.tailer(),
                t -> t.files().stream().mapToLong(TailedFile::lagBytes).sum());
        gauge(
                "adapter_lag_seconds",
                adapter.tailer(),
                t ->
                        t.files().stream()
                                .mapToDouble(f -> f.lagSeconds(System.nanoTime()))
                                .max()
                                .orElse(0));
        for (Redactor.Rule rule : Redactor.Rule.values()) {
            gauge(
                    "adapter_redactions",
                    adapter.redactor(),
                    r -> r.count(rule),
                    Tag.create("rule", rule.name().toLowerCase(Locale.ROOT)));
        }
    }

    private static <T> void gauge(String name, T of, ToDoubleFunction<T> figure, Tag... tags) {
        Metrics.globalRegistry()
                .getOrCreate(
                        Gauge.builder(name, () -> figure.applyAsDouble(of)).tags(List.of(tags)));
    }
}
