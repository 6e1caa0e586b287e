package dev.pillion.ambassador.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;

import dev.pillion.ambassador.connect.ConnectFailure;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

class OnwardClientTest {

    private final OnwardClient onward = new OnwardClient(HttpClient::newHttpClient);
    private HttpServer server;

    @BeforeEach
    void answer() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int ask(HttpClient client) throws Exception {
        URI there = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
        return client.send(HttpRequest.newBuilder(there).build(), BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void servesWhoEnteredBeforeItWasRetiredAndIsThenShutDown() throws Exception {
        HttpClient first = onward.enter();
        HttpClient second = onward.enter();
        assertSame(first, second);
        onward.retire();
        assertEquals(204, ask(first));
        onward.leave();
        assertEquals(204, ask(second));
        onward.leave();
        assertTrue(first.awaitTermination(Duration.ofSeconds(10)));
    }

    @Test
    void servesWhoEntersAfterItWasRetiredByAClientThatEndsWithThem() throws Exception {
        HttpClient before = onward.enter();
        onward.leave();
        onward.retire();
        assertTrue(before.awaitTermination(Duration.ofSeconds(10)));
        HttpClient late = onward.enter();
        assertNotSame(before, late);
        assertEquals(204, ask(late));
        onward.leave();
        assertTrue(late.awaitTermination(Duration.ofSeconds(10)));
    }

    @Test
    void keepsItsConnectionsBetweenRequests() throws Exception {
        HttpClient first = onward.enter();
        onward.leave();
        assertFalse(first.isTerminated());
        assertSame(first, onward.enter());
        assertEquals(204, ask(first));
    }

    @Test
    void isEnteredByNobodyWhenItCannotBeMade() throws Exception {
        AtomicInteger made = new AtomicInteger();
        OnwardClient unusableAtFirst =
                new OnwardClient(
                        () -> {
                            if (made.incrementAndGet() == 1) {
                                throw new ConnectFailure(
                                        ConnectFailure.Kind.TLS, "no such authority");
                            }
                            return HttpClient.newHttpClient();
                        });
        assertThrows(ConnectFailure.class, unusableAtFirst::enter);
        HttpClient client = unusableAtFirst.enter();
        unusableAtFirst.retire();
        unusableAtFirst.leave();
        assertTrue(client.awaitTermination(Duration.ofSeconds(10)));
    }
}
