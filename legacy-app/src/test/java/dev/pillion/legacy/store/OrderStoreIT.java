package dev.pillion.legacy.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.postgres.PostgresServer;
import dev.pillion.legacy.RealPostgres;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The store over a real PostgreSQL. */
class OrderStoreIT {

    private static final Instant PLACED = Instant.parse("2026-11-22T20:51:43.123456Z");

    @TempDir private static Path folder;
    private static PostgresServer server;

    private ConnectionPool pool;
    private OrderStore store;

    @BeforeAll
    static void startServer() throws Exception {
        server = RealPostgres.prepare(folder.resolve("server"));
        server.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void open() throws Exception {
        server.start();
        pool = pool(RealPostgres.url(server));
        store = new OrderStore(pool.dataSource());
        execute("drop table if exists orders");
    }

    @AfterEach
    void close() {
        store.close();
        pool.close();
    }

    private static ConnectionPool pool(String url) {
        return new ConnectionPool(url, RealPostgres.OWNER.user(), RealPostgres.OWNER.password());
    }

    private void execute(String sql) throws Exception {
        try (var connection = pool.dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
            connection.commit();
        }
    }

    private static Order order(String number, OrderState state) {
        return new Order(
                number,
                "Bj\u00f6rn O'Connor",
                "TEA-EARL",
                3,
                new BigDecimal("37.20"),
                "USD",
                new BigDecimal("40.43"),
                state,
                PLACED);
    }

    @Test
    void givesBackWhatItWasGiven() {
        Order order = order("PO-1", OrderState.PAID);
        store.save(order);
        assertEquals(Optional.of(order), store.find("PO-1"));
        assertEquals(Optional.empty(), store.find("PO-2"));
        assertTrue(store.reachable());
    }

    @Test
    void listsTheNewestFirst() {
        store.save(order("PO-1", OrderState.PAID));
        store.save(order("PO-2", OrderState.DECLINED));
        store.save(order("PO-3", OrderState.PAID));
        assertEquals(List.of("PO-3", "PO-2"), numbers(store.newest(2, Optional.empty())));
        assertEquals(
                List.of("PO-3", "PO-1"), numbers(store.newest(9, Optional.of(OrderState.PAID))));
        assertEquals(
                Map.of(
                        OrderState.PAID, 2L,
                        OrderState.DECLINED, 1L,
                        OrderState.SHIPPED, 0L,
                        OrderState.OUT_OF_STOCK, 0L),
                store.counts());
    }

    @Test
    void shipsTheOldestPaidOrders() {
        store.save(order("PO-1", OrderState.PAID));
        store.save(order("PO-2", OrderState.DECLINED));
        store.save(order("PO-3", OrderState.PAID));
        assertEquals(List.of(), store.ship(PLACED, 9));
        assertEquals(List.of("PO-1"), store.ship(PLACED.plusSeconds(1), 1));
        assertEquals(OrderState.SHIPPED, store.find("PO-1").orElseThrow().state());
        assertEquals(OrderState.DECLINED, store.find("PO-2").orElseThrow().state());
    }

    @Test
    void keepsTheNewest() {
        for (int i = 1; i <= 5; i++) {
            store.save(order("PO-" + i, OrderState.PAID));
        }
        assertEquals(3, store.keepNewest(2));
        assertEquals(List.of("PO-5", "PO-4"), numbers(store.newest(9, Optional.empty())));
    }

    @Test
    void makesTheTableAgainWhereItIsMissing() throws Exception {
        store.save(order("PO-1", OrderState.PAID));
        execute("drop table orders");
        store.save(order("PO-2", OrderState.PAID));
        assertEquals(List.of("PO-2"), numbers(store.newest(9, Optional.empty())));
    }

    @Test
    void aSecondOrderOfTheSameNumberIsAMistakeAndNoOutage() {
        store.save(order("PO-1", OrderState.PAID));
        var failed =
                assertThrows(
                        RuntimeException.class, () -> store.save(order("PO-1", OrderState.PAID)));
        assertFalse(failed instanceof StoreUnavailable, failed.toString());
    }

    @Test
    void recoversWhenTheDatabaseComesBack() throws Exception {
        store.save(order("PO-1", OrderState.PAID));
        server.stop();
        assertThrows(StoreUnavailable.class, () -> store.find("PO-1"));
        assertFalse(store.reachable());
        server.start();
        assertEquals("PO-1", store.find("PO-1").orElseThrow().number());
        assertTrue(store.reachable());
    }

    @Test
    void isMadeWhileTheDatabaseIsDown() throws Exception {
        server.stop();
        try (var early = pool(RealPostgres.url(server));
                var made = new OrderStore(early.dataSource())) {
            assertThrows(StoreUnavailable.class, made::counts);
            server.start();
            assertEquals(0L, made.counts().get(OrderState.PAID));
        }
    }

    @Test
    void saysSoWhenTheLoginIsRefused() {
        try (var refused = new ConnectionPool(RealPostgres.url(server), "legacy", "legacy");
                var made = new OrderStore(refused.dataSource())) {
            assertThrows(StoreUnavailable.class, made::counts);
        }
    }

    /** Measured: 5.1 s on a plain connection, 10.1 s by TLS as here. */
    @Test
    void givesUpAStatementThatGetsNoAnswer() throws Exception {
        store.save(order("PO-1", OrderState.PAID));
        try (var other = pool.dataSource().getConnection();
                var statement = other.createStatement()) {
            statement.execute("lock table orders in access exclusive mode");
            long start = System.nanoTime();
            assertThrows(StoreUnavailable.class, () -> store.find("PO-1"));
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(waited.compareTo(Duration.ofSeconds(15)) < 0, waited.toString());
            other.rollback();
        }
        assertEquals("PO-1", store.find("PO-1").orElseThrow().number());
    }

    /** Accepts, by the kernel's backlog, and never answers. */
    @Test
    void doesNotWaitForADatabaseThatHangs() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var hanging =
                        pool("jdbc:postgresql://localhost:" + silent.getLocalPort() + "/desk");
                var made = new OrderStore(hanging.dataSource())) {
            long start = System.nanoTime();
            assertThrows(StoreUnavailable.class, made::counts);
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(waited.compareTo(Duration.ofSeconds(4)) < 0, waited.toString());
        }
    }

    private static List<String> numbers(List<Order> orders) {
        return orders.stream().map(Order::number).toList();
    }
}
