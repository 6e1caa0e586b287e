package dev.pillion.adapter.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class ClientTest {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final byte[] BEGUN = "GET /slow HTTP/1.1\r\nX: ".getBytes(US_ASCII);
    private static final byte[] WHOLE = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII);

    private static final byte[] BODY_TO_COME =
            "GET /now HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx".getBytes(US_ASCII);

    private static final byte[] AT_ONCE = "GET /now HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII);

    private final CountDownLatch answer = new CountDownLatch(1);
    private WebServer server;

    private void serve() {
        server =
                WebServer.builder()
                        .featuresDiscoverServices(false)
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(WatchedHttp1Provider.selector(Http1Config.create()))
                        .idleConnectionTimeout(Duration.ofSeconds(1))
                        .shutdownHook(false)
                        .address(InetAddress.getLoopbackAddress())
                        .routing(
                                routing ->
                                        routing.get(
                                                        "/slow",
                                                        (request, response) -> {
                                                            answer.await();
                                                            response.send("here");
                                                        })
                                                .get(
                                                        "/now",
                                                        (request, response) ->
                                                                response.send("here")))
                        .build()
                        .start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private Socket client() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static String read(Socket socket) throws IOException {
        byte[] bytes = new byte[4096];
        int read = socket.getInputStream().read(bytes);
        return read < 0 ? "" : new String(bytes, 0, read, US_ASCII);
    }

    @Test
    void endsWhoeverSaysNothing() throws Exception {
        serve();
        try (Socket silent = client()) {
            assertEquals("", read(silent));
        }
    }

    @Test
    void endsWhoeverDoesNotFinishItsHeadersAndLeavesAnAnswerItsTime() throws Exception {
        serve();
        try (Socket stalled = client();
                Socket served = client()) {
            served.getOutputStream().write(WHOLE);
            stalled.getOutputStream().write(BEGUN);
            assertEquals("", read(stalled));
            answer.countDown();
            assertTrue(read(served).endsWith("here"));
            served.getOutputStream().write(WHOLE);
            assertTrue(read(served).endsWith("here"));
            served.getOutputStream().write(BEGUN);
            assertEquals("", read(served));
        }
    }

    /** The answer does not need it; the connection waits for it all the same. */
    @Test
    void endsWhoeverDoesNotFinishABody() throws Exception {
        serve();
        try (Socket stalled = client()) {
            stalled.getOutputStream().write(BODY_TO_COME);
            assertTrue(read(stalled).endsWith("here"));
            assertEquals("", read(stalled));
        }
    }

    /** Its answers fill every buffer between; then this one cannot write either, until the end. */
    @Test
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
    void endsWhoeverDoesNotTakeItsAnswers() throws Exception {
        serve();
        try (Socket stalled = client()) {
            assertThrows(
                    IOException.class,
                    () -> {
                        while (true) {
                            stalled.getOutputStream().write(AT_ONCE);
                        }
                    });
        }
    }

    @Test
    void endsWhoeverDribblesItsHeaders() throws Exception {
        serve();
        assertTrue(isEndedWhileItDribbles(BEGUN));
    }

    /** Each byte is soon after the one before, the last of them never comes. */
    private boolean isEndedWhileItDribbles(byte[] beginning) throws IOException {
        try (Socket dribbling = client()) {
            dribbling.getOutputStream().write(beginning);
            dribbling.setSoTimeout(100);
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (System.nanoTime() < until) {
                try {
                    dribbling.getOutputStream().write('x');
                    if (dribbling.getInputStream().read() < 0) {
                        return true;
                    }
                } catch (SocketTimeoutException stillOpen) {
                    // As it is to be for a second.
                } catch (SocketException reset) {
                    return true;
                }
            }
            return false;
        }
    }
}
