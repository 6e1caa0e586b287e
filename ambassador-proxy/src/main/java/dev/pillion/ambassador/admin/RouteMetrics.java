package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.Ambassador;
import dev.pillion.ambassador.routes.RouteStatistics;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * What {@link RouteStatistics} counts, as metrics with the route for a label. Read when scraped, so
 * a session pays for no registry.
 */
record RouteMetrics(MeterRegistry meters) implements RouteStatistics.Listener {

    /** Registers those of the whole, and each route's when it comes. */
    void register(Ambassador ambassador) {
        meters.getOrCreate(
                Gauge.builder(
                                "ambassador.configuration.generation",
                                () -> ambassador.routes().state().generation())
                        .description("Configurations taken since the start"));
        meters.getOrCreate(
                Gauge.builder(
                                "ambassador.configuration.mistakes",
                                () -> ambassador.routes().state().mistakes().size())
                        .description("Mistakes of the configuration that was refused"));
        meters.getOrCreate(
                FunctionalCounter.builder(
                                "ambassador.configuration.refused",
                                ambassador,
                                a -> a.routes().state().refusedTotal())
                        .description("Configurations refused since the start"));
        ambassador.statistics().listen(this);
    }

    @Override
    public void route(String name, RouteStatistics statistics) {
        meters.getOrCreate(
                Gauge.builder("ambassador.sessions.open", statistics.sessionsOpen::sum)
                        .description("Sessions open now (http: requests)")
                        .addTag(Tag.create("route", name)));
        meters.getOrCreate(
                Gauge.builder("ambassador.warm.open", statistics.warmOpen::sum)
                        .description("Upstream sessions that wait for a client")
                        .addTag(Tag.create("route", name)));
        counter(
                name,
                statistics,
                "warm.taken",
                "Sessions that found one waiting",
                s -> s.warmTakenTotal);
        counter(
                name,
                statistics,
                "warm.discarded",
                "Waiting sessions found dead",
                s -> s.warmDiscardedTotal);
        counter(name, statistics, "sessions", "Sessions begun", s -> s.sessionsTotal);
        counter(name, statistics, "connected", "Sessions connected", s -> s.connectedTotal);
        counter(name, statistics, "login.millis", "Time of all logins", s -> s.loginMillis);
        counter(name, statistics, "bytes.up", "Bytes to the upstream", s -> s.bytesUp);
        counter(name, statistics, "bytes.down", "Bytes to the application", s -> s.bytesDown);
        counter(name, statistics, "cancels", "Cancel requests carried", s -> s.cancelsTotal);
        counter(
                name,
                statistics,
                "abandoned",
                "Statements of vanished applications cancelled",
                s -> s.abandonedTotal);
        counter(
                name,
                statistics,
                "password.reread",
                "Logins that needed the Secret read again",
                s -> s.passwordRereadTotal);
        counter(
                name,
                statistics,
                "password.previous",
                "Logins with the previous password",
                s -> s.passwordPreviousTotal);
    }

    @Override
    public void failure(String name, String kind, RouteStatistics statistics) {
        meters.getOrCreate(
                FunctionalCounter.builder(
                                "ambassador.failures",
                                statistics,
                                s -> {
                                    LongAdder count = s.failures().get(kind);
                                    return count == null ? 0L : count.sum();
                                })
                        .description("Failures by kind")
                        .tags(List.of(Tag.create("route", name), Tag.create("kind", kind))));
    }

    private void counter(
            String route,
            RouteStatistics statistics,
            String name,
            String description,
            Function<RouteStatistics, LongAdder> count) {
        meters.getOrCreate(
                FunctionalCounter.builder(
                                "ambassador." + name, statistics, s -> count.apply(s).sum())
                        .description(description)
                        .addTag(Tag.create("route", route)));
    }
}
