package dev.pillion.legacy;

import dev.pillion.legacy.desk.Catalogue;
import dev.pillion.legacy.desk.OrderDesk;
import dev.pillion.legacy.desk.OrderNumbers;
import dev.pillion.legacy.desk.Outcomes;
import dev.pillion.legacy.desk.PaymentTerminal;
import dev.pillion.legacy.desk.Stock;
import dev.pillion.legacy.partner.PartnerClient;
import dev.pillion.legacy.partner.RatesBoard;
import dev.pillion.legacy.store.ConnectionPool;
import dev.pillion.legacy.store.OrderStore;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;

import java.security.SecureRandom;
import java.time.Clock;

/** Makes each part once, from plain constructors; called by the container on the main thread. */
@Dependent
class Wiring {

    @Produces
    @Singleton
    Settings settings() throws Settings.Wrong {
        return Settings.read(ConfigProvider.getConfig());
    }

    @Produces
    @Singleton
    ConnectionPool connectionPool() {
        return ConnectionPool.compiledIn();
    }

    @Produces
    @Singleton
    OrderStore orderStore(ConnectionPool pool) {
        return new OrderStore(pool.dataSource());
    }

    @Produces
    @Singleton
    PartnerClient partnerClient() {
        return PartnerClient.compiledIn();
    }

    @Produces
    @Singleton
    RatesBoard ratesBoard(PartnerClient partner) {
        return new RatesBoard(partner, Clock.systemUTC());
    }

    @Produces
    @Singleton
    Stock stock() {
        return new Stock(Catalogue.ITEMS);
    }

    @Produces
    @Singleton
    OrderDesk orderDesk(OrderStore store, Stock stock, RatesBoard rates, MetricRegistry metrics) {
        Outcomes outcomes = outcome -> metrics.counter("orders", new Tag("outcome", outcome)).inc();
        return new OrderDesk(
                store,
                stock,
                new PaymentTerminal(),
                rates,
                new OrderNumbers(new SecureRandom()),
                outcomes,
                Clock.systemUTC());
    }
}
