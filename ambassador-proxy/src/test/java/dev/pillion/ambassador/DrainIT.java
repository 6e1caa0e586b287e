package dev.pillion.ambassador;

import static dev.pillion.ambassador.MountedAmbassador.text;
import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How the ambassador stops: sessions and requests in flight come to their end. */
class DrainIT extends BesideTheOutside {

    @Test
    void letsSessionsFinishThenEndsTheIdleAndLastThoseInATransaction() throws Exception {
        seat.restart(Duration.ofSeconds(3), Duration.ofSeconds(20));
        try (Connection idle = seat.connect();
                Connection writing = seat.connect();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            writing.setAutoCommit(false);
            assertEquals("1", text(writing, "select 1"));
            InetSocketAddress port = seat.address("orders-db");
            Future<?> stopping = other.submit(seat::close);
            await(() -> seat.ambassador().listeners().address("orders-db").isEmpty());
            assertThrows(
                    java.net.ConnectException.class,
                    () -> new java.net.Socket(port.getAddress(), port.getPort()).close());
            assertEquals("1", text(idle, "select 1"), "it may go on for a while");
            await(() -> seat.counts("orders-db").sessionsOpen.sum() == 1);
            assertEquals("57P01", lost(idle).getSQLState());
            assertEquals("2", text(writing, "select 2"), "it may go on to its end");
            assertFalse(stopping.isDone());
            writing.commit();
            stopping.get();
            // The driver writes twice to begin another, and hears only of the broken pipe.
            writing.setAutoCommit(true);
            assertEquals("57P01", lost(writing).getSQLState());
        }
    }

    private static SQLException lost(Connection connection) {
        return assertThrows(SQLException.class, () -> text(connection, "select 1"));
    }

    @Test
    void endsATransactionThatOutlivesTheGrace() throws Exception {
        seat.restart(Duration.ofMillis(1), Duration.ofMillis(200));
        try (Connection writing = seat.connect()) {
            writing.setAutoCommit(false);
            assertEquals("1", text(writing, "select 1"));
            seat.close();
            assertEquals("57P01", lost(writing).getSQLState());
        }
    }

    @Test
    void letsARequestInFlightFinishWhenItsRouteGoesAndWhenAllStops() throws Exception {
        CountDownLatch arrived = new CountDownLatch(2);
        Map<String, CountDownLatch> answers =
                Map.of("/gone", new CountDownLatch(1), "/stays", new CountDownLatch(1));
        HttpServer slow =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        slow.createContext(
                "/",
                exchange -> {
                    arrived.countDown();
                    try {
                        answers.get(exchange.getRequestURI().getPath()).await();
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        slow.start();
        for (String name : List.of("gone", "stays")) {
            seat.configMap.put("route." + name + ".protocol", "http");
            seat.configMap.put("route." + name + ".listen", "127.0.0.1:0");
            seat.configMap.put(
                    "route." + name + ".upstream",
                    "http://127.0.0.1:" + slow.getAddress().getPort());
        }
        seat.lay();
        await(() -> seat.ambassador().listeners().address("gone").isPresent());
        InetSocketAddress gone = seat.address("gone");
        InetSocketAddress stays = seat.address("stays");
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> toGone =
                    clients.submit(() -> MountedAmbassador.get(gone, "/gone"));
            Future<HttpResponse<String>> toStays =
                    clients.submit(() -> MountedAmbassador.get(stays, "/stays"));
            arrived.await();
            seat.configMap.keySet().removeIf(key -> key.startsWith("route.gone."));
            seat.lay();
            await(() -> seat.ambassador().listeners().address("gone").isEmpty());
            assertThrows(java.net.ConnectException.class, () -> MountedAmbassador.get(gone, "/"));
            Future<?> stopping = clients.submit(seat::close);
            await(() -> seat.ambassador().listeners().address("stays").isEmpty());
            answers.get("/stays").countDown();
            assertEquals(204, toStays.get().statusCode());
            // The process waits for the other as well, whose route is no more.
            assertThrows(
                    java.util.concurrent.TimeoutException.class,
                    () -> stopping.get(300, java.util.concurrent.TimeUnit.MILLISECONDS));
            answers.get("/gone").countDown();
            assertEquals(204, toGone.get().statusCode());
            stopping.get();
        } finally {
            answers.values().forEach(CountDownLatch::countDown);
            slow.stop(0);
        }
    }
}
