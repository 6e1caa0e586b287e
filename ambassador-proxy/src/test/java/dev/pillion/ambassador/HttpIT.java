package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A route of requests, between the JDK's client and a partner that wants HTTPS and a key. */
class HttpIT extends BesideTheOutside {

    private static final byte[] BEGUN = "GET /rates HTTP/1.1\r\nX: ".getBytes(US_ASCII);

    private static final byte[] REST =
            "x\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

    @Test
    void addsTheKeyToRequestsOfThePartner() throws Exception {
        long before = outside.partner().answered();
        HttpResponse<String> answer = get("/rates");
        assertEquals(200, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("\"USD\""), answer.body());
        assertEquals(before + 1, outside.partner().answered());
    }

    @Test
    void answersForAPartnerThatIsDown() throws Exception {
        seat.configMap.put("route.partner.upstream", "https://localhost:1");
        seat.change();
        HttpResponse<String> answer = get("/rates");
        assertEquals(502, answer.statusCode());
        assertTrue(answer.body().contains("route partner"), answer.body());
        assertFalse(answer.body().contains(Outside.KEY), answer.body());
    }

    @Test
    void endsConnectionsWithoutARequestAndServesWhoeverWaits() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < MountedAmbassador.HTTP_CONNECTIONS; i++) {
                silent.add(connect());
            }
            HttpResponse<String> waited = get("/rates");
            assertEquals(200, waited.statusCode(), waited.body());
            for (Socket socket : silent) {
                assertEquals(-1, socket.getInputStream().read());
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void servesNoMoreConnectionsThanItMay() throws Exception {
        List<Socket> served = new ArrayList<>();
        try {
            for (int i = 0; i < MountedAmbassador.HTTP_CONNECTIONS; i++) {
                served.add(connect());
                served.getLast().getOutputStream().write(BEGUN);
            }
            try (Socket waits = connect()) {
                waits.getOutputStream().write(BEGUN);
                waits.getOutputStream().write(REST);
                waits.setSoTimeout(500);
                assertThrows(SocketTimeoutException.class, () -> waits.getInputStream().read());
                served.getFirst().getOutputStream().write(REST);
                waits.setSoTimeout(60_000);
                assertEquals('H', waits.getInputStream().read());
            }
        } finally {
            for (Socket socket : served) {
                socket.close();
            }
        }
    }

    /** A connection is idle without a request, not while its answer is still coming. */
    @Test
    void leavesAnAnswerAllTheTimeItTakes() throws Exception {
        CountDownLatch rest = new CountDownLatch(1);
        HttpServer slow =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slow.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write('a');
                        out.flush();
                        rest.await();
                        out.write('z');
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    }
                });
        slow.start();
        seat.configMap.put(
                "route.partner.upstream", "http://127.0.0.1:" + slow.getAddress().getPort());
        seat.change();
        try (ExecutorService application = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> answer = application.submit(() -> get("/"));
            try (Socket silent = new Socket()) {
                await(() -> seat.counts("partner").connectedTotal.sum() == 1);
                silent.setSoTimeout(60_000);
                silent.connect(seat.address("partner"));
                // That one began later, and its time is over.
                assertEquals(-1, silent.getInputStream().read());
            } finally {
                rest.countDown();
            }
            assertEquals("az", answer.get().body());
        } finally {
            slow.stop(0);
        }
    }

    private Socket connect() throws IOException {
        InetSocketAddress partner = seat.address("partner");
        Socket socket = new Socket(partner.getAddress(), partner.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return MountedAmbassador.get(seat.address("partner"), path);
    }
}
