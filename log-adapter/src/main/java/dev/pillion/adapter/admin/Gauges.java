package dev.pillion.adapter.admin;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.Service;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.tail.TailedFile;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;

import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;

import java.util.Locale;

/** Registers the adapter's figures with MicroProfile Metrics. */
@ApplicationScoped
public class Gauges {

    private final Service service;
    private final Instance<MetricRegistry> registries;

    @Inject
    public Gauges(Service service, Instance<MetricRegistry> registries) {
        this.service = service;
        this.registries = registries;
    }

    void register(
            @Observes
                    @Priority(Interceptor.Priority.LIBRARY_AFTER + 1000)
                    @Initialized(ApplicationScoped.class)
                    Object event) {
        MetricRegistry registry = registries.get();
        Adapter adapter = service.adapter();
        var counts = adapter.counts();
        registry.gauge("adapter_records_delivered", counts.records, c -> c.sum());
        registry.gauge("adapter_bytes_delivered", counts.bytes, c -> c.sum());
        registry.gauge("adapter_requests", counts.requests, c -> c.sum());
        registry.gauge("adapter_retries", counts.retries, c -> c.sum());
        registry.gauge("adapter_records_rejected", counts.rejected, c -> c.sum());
        registry.gauge("adapter_records_refused", counts.refused, c -> c.sum());
        registry.gauge("adapter_parse_misses", counts.misses, c -> c.sum());
        registry.gauge("adapter_gaps", counts.gaps, c -> c.sum());
        registry.gauge("adapter_gap_bytes", counts.gapBytes, c -> c.sum());
        registry.gauge("adapter_files_disagreeing", adapter.reconciliation(), r -> r.disagreeing());
        registry.gauge("adapter_files", adapter.tailer(), t -> t.files().size());
        registry.gauge(
                "adapter_lag_bytes",
                adapter.tailer(),
                t -> t.files().stream().mapToLong(TailedFile::lagBytes).sum());
        registry.gauge(
                "adapter_lag_seconds",
                adapter.tailer(),
                t ->
                        t.files().stream()
                                .mapToDouble(f -> f.lagSeconds(System.nanoTime()))
                                .max()
                                .orElse(0));
        for (Redactor.Rule rule : Redactor.Rule.values()) {
            registry.gauge(
                    "adapter_redactions",
                    adapter.redactor(),
                    r -> r.count(rule),
                    new Tag("rule", rule.name().toLowerCase(Locale.ROOT)));
        }
    }
}
