package dev.pillion.legacy;

import dev.pillion.legacy.desk.OrderDesk;
import dev.pillion.legacy.desk.Stock;
import dev.pillion.legacy.logging.LogFiles;
import dev.pillion.legacy.partner.RatesBoard;
import dev.pillion.legacy.store.ConnectionPool;
import dev.pillion.legacy.store.OrderStore;
import dev.pillion.legacy.workload.Customers;
import dev.pillion.legacy.workload.DateLines;
import dev.pillion.legacy.workload.NightlyBatch;
import dev.pillion.legacy.workload.Ticker;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Starts and stops everything: the tickers after the server listens; at the end the tickers first,
 * then (by the container) the server with the requests it still has, then the pool, then the log
 * files.
 *
 * @see Filters what is there before the server listens
 */
@ApplicationScoped
class Running {

    /** How often the partner's rates are read: the interval of the textbook's poller. */
    static final Duration RATES_INTERVAL = Duration.ofSeconds(10);

    /** Helidon's own observer stops the web server at PLATFORM_BEFORE, between these two. */
    private static final int BEFORE_THE_SERVER = Interceptor.Priority.PLATFORM_BEFORE - 100;

    private static final int AFTER_THE_SERVER = Interceptor.Priority.PLATFORM_AFTER + 1000;

    @Inject private Settings settings;
    @Inject private ConnectionPool pool;
    @Inject private OrderStore store;
    @Inject private OrderDesk desk;
    @Inject private Stock stock;
    @Inject private RatesBoard rates;

    private final List<Ticker> tickers = new ArrayList<>();

    void start(
            @Observes @Priority(AFTER_THE_SERVER) @Initialized(ApplicationScoped.class)
                    Object event)
            throws IOException {
        LogFiles.openBatch(settings.logDirectory());
        var random = RandomGenerator.getDefault();
        tick("rates-poller", RATES_INTERVAL, rates::poll);
        tick("customers", settings.workloadInterval(), new Customers(desk, rates, random));
        tick("nightly-batch", settings.batchInterval(), new NightlyBatch(store, stock));
        tick(
                "date",
                settings.dateInterval(),
                new DateLines(Clock.systemUTC(), ZoneId.systemDefault()));
    }

    private void tick(String name, Duration interval, Runnable work) {
        if (!interval.isZero()) {
            tickers.add(Ticker.start(name, interval, work));
        }
    }

    void stopTickers(
            @Observes @Priority(BEFORE_THE_SERVER) @BeforeDestroyed(ApplicationScoped.class)
                    Object event) {
        tickers.forEach(Ticker::close);
        tickers.forEach(Ticker::awaitEnd);
    }

    void stopStore(
            @Observes @Priority(AFTER_THE_SERVER) @BeforeDestroyed(ApplicationScoped.class)
                    Object event) {
        store.close();
        pool.close();
        LogFiles.close();
    }
}
