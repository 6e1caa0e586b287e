package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A route of requests, between the JDK's client and a partner that wants HTTPS and a key. */
class HttpIT extends BesideTheOutside {

    private static final byte[] REQUEST =
            "GET /rates HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

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
    void endsConnectionsWhoseHeadersDoNotEnd() throws Exception {
        try (Socket begun = connect()) {
            begun.getOutputStream().write(REQUEST, 0, REQUEST.length - 2);
            assertEquals(-1, begun.getInputStream().read());
        }
    }

    @Test
    void servesNoMoreConnectionsThanItMay() throws Exception {
        List<Socket> served = new ArrayList<>();
        try (SlowPartner slow = new SlowPartner();
                ExecutorService anyhow = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < MountedAmbassador.HTTP_CONNECTIONS; i++) {
                served.add(connect());
                served.getLast().getOutputStream().write(REQUEST);
                assertEquals('H', served.getLast().getInputStream().read());
            }
            try (Socket waits = connect()) {
                waits.getOutputStream().write(REQUEST);
                Future<Integer> first = anyhow.submit(() -> waits.getInputStream().read());
                assertThrows(TimeoutException.class, () -> first.get(500, TimeUnit.MILLISECONDS));
                slow.finish();
                assertEquals('H', first.get(60, TimeUnit.SECONDS));
            }
        } finally {
            for (Socket socket : served) {
                socket.close();
            }
        }
    }

    @Test
    void passesOnWhatHasComeWhileTheRestIsAwaited() throws Exception {
        try (SlowPartner slow = new SlowPartner();
                Socket application = connect()) {
            application.getOutputStream().write(REQUEST);
            InputStream answer = application.getInputStream();
            int read = answer.read();
            while (read >= 0 && read != 'a') {
                read = answer.read();
            }
            slow.finish();
            String rest = new String(answer.readAllBytes(), US_ASCII);
            assertTrue(rest.contains("z"), rest);
        }
    }

    /** A connection is idle without a request, not while its answer is still coming. */
    @Test
    void leavesAnAnswerAllTheTimeItTakes() throws Exception {
        try (SlowPartner slow = new SlowPartner();
                ExecutorService application = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> answer = application.submit(() -> get("/"));
            try (Socket silent = new Socket()) {
                await(() -> seat.counts("partner").connectedTotal.sum() == 1);
                silent.setSoTimeout(60_000);
                silent.connect(seat.address("partner"));
                // That one began later, and its time is over.
                assertEquals(-1, silent.getInputStream().read());
            } finally {
                slow.finish();
            }
            assertEquals("az", answer.get().body());
        }
    }

    /** Answers with the first byte at once, with the last one when it is told to. */
    private final class SlowPartner implements AutoCloseable {

        private final CountDownLatch rest = new CountDownLatch(1);
        private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

        SlowPartner() throws Exception {
            server.setExecutor(requests);
            server.createContext("/", this::answer);
            server.start();
            seat.configMap.put(
                    "route.partner.upstream", "http://127.0.0.1:" + server.getAddress().getPort());
            seat.change();
        }

        private void answer(HttpExchange exchange) throws IOException {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write('a');
                out.flush();
                rest.await();
                out.write('z');
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            }
        }

        void finish() {
            rest.countDown();
        }

        @Override
        public void close() {
            finish();
            server.stop(0);
            requests.close();
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
