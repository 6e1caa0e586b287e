package dev.pillion.adapter.admin;

import io.helidon.common.LazyValue;
import io.helidon.common.media.type.MediaType;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Status;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MeterRegistryFormatter;
import io.helidon.metrics.api.Metrics;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.metrics.spi.MeterRegistryFormatterProvider;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * All metrics, in the text format of Prometheus or OpenMetrics. The registry is made when it is
 * first asked for: no start waits for it.
 */
public final class MetricsService implements HttpService {

    private final LazyValue<MeterRegistry> registry;

    /**
     * @param register adds the meters, once
     */
    public MetricsService(Consumer<MeterRegistry> register) {
        this.registry =
                LazyValue.create(
                        () -> {
                            MeterRegistry made = Metrics.globalRegistry();
                            register.accept(made);
                            return made;
                        });
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", this::scrape);
    }

    private void scrape(ServerRequest request, ServerResponse response) {
        Optional<MediaType> type =
                request.headers()
                        .bestAccepted(
                                MediaTypes.TEXT_PLAIN, MediaTypes.APPLICATION_OPENMETRICS_TEXT);
        if (type.isEmpty()) {
            response.status(Status.NOT_ACCEPTABLE_406).send();
            return;
        }
        response.headers().contentType(type.get());
        response.send(
                ServiceLoader.load(MeterRegistryFormatterProvider.class).stream()
                        .flatMap(provider -> formatter(provider.get(), type.get()).stream())
                        .flatMap(formatter -> formatter.format().stream())
                        .findFirst()
                        .orElse(""));
    }

    private Optional<MeterRegistryFormatter> formatter(
            MeterRegistryFormatterProvider provider, MediaType type) {
        return provider.formatter(
                type,
                MetricsFactory.getInstance().metricsConfig(),
                registry.get(),
                Optional.empty(),
                List.of(),
                List.of());
    }
}
