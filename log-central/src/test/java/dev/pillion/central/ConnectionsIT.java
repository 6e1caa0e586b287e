package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What one connection may cost the others, whatever its client does not do. */
class ConnectionsIT {

    private static final String SENDER = "sender-0123456789abcdef";
    private static final String READER = "reader-0123456789abcdef";
    private static final String BEARER = "Authorization";

    @TempDir static Path directory;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        Path tokens = Files.createDirectory(directory.resolve("tokens"));
        Files.writeString(tokens.resolve("ingest.sender"), SENDER);
        Files.writeString(tokens.resolve("read.reader"), READER);
        central =
                new RunningCentral(
                        directory.resolve("data"),
                        "-Dcentral.access.tokens-directory=" + tokens,
                        "-Dcentral.ingest.request-bytes=64KiB",
                        "-Dcentral.ingest.decompressed-bytes=64KiB",
                        "-Dcentral.ingest.body-memory=200KiB",
                        "-Dcentral.ingest.body-timeout=4s",
                        "-Dcentral.access.head-timeout=2s",
                        "-Dcentral.query.concurrent=1",
                        "-Dcentral.query.timeout=8s");
    }

    @AfterAll
    static void stop() {
        central.close();
    }

    private static HttpResponse<byte[]> post(String body) throws Exception {
        return central.post(
                request(logs("", record(body))),
                "Content-Type",
                "application/x-protobuf",
                BEARER,
                "Bearer " + SENDER);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return central.get(path, BEARER, "Bearer " + READER);
    }

    private static Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), central.port());
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** A request whose body never comes. */
    private static Socket stalled() throws IOException {
        Socket socket = connect();
        write(
                socket,
                "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
                        + "Authorization: Bearer "
                        + SENDER
                        + "\r\nContent-Length: 60000\r\n\r\nabc");
        return socket;
    }

    @Test
    void closesAConnectionWhoseBodyDoesNotCome() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                slow.add(stalled());
            }
            // Twelve times 16 KiB of 200: one more does not fit, and is told to come again.
            Waiting.until(
                    "429 while slow senders hold the memory",
                    () -> {
                        HttpResponse<byte[]> answer =
                                central.post(
                                        new byte[20_000],
                                        "Content-Type",
                                        "application/x-protobuf",
                                        BEARER,
                                        "Bearer " + SENDER);
                        return answer.statusCode() == 429
                                && answer.headers().firstValue("Retry-After").isPresent();
                    });
            int cut = 0;
            for (Socket socket : slow) {
                socket.setSoTimeout(15_000);
                String told = toldUntilItsEnd(socket);
                cut += told.isEmpty() ? 1 : 0;
                // The one above may have come between them: then one of these did not fit.
                assertTrue(told.isEmpty() || told.startsWith("HTTP/1.1 429 "), told);
            }
            assertTrue(cut > 0);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        Waiting.until("its memory is free again", () -> post("after the slow").statusCode() == 200);
    }

    @Test
    void takesNoRestOfARefusedBodyForTheNextRequest() throws Exception {
        String smuggled = "GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n";
        for (String refused :
                List.of(
                        "Content-Length: " + (smuggled.length() + 1),
                        "Authorization: Bearer " + SENDER + "\r\nContent-Length: 70000",
                        "Transfer-Encoding: chunked")) {
            try (Socket socket = connect()) {
                socket.setSoTimeout(15_000);
                write(
                        socket,
                        "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
                                + refused
                                + "\r\n\r\n"
                                + smuggled);
                // It never says that this was all: the server ends what it has refused.
                String told = toldUntilItsEnd(socket);
                assertTrue(told.startsWith("HTTP/1.1 4"), told);
                assertTrue(told.contains("\r\nConnection: close\r\n"), told);
                assertEquals(2, told.split("HTTP/1.1", -1).length, told);
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
    void closesConnectionsThatSayNothingOrDoNotTakeTheirAnswers() throws Exception {
        try (RunningCentral quick =
                        new RunningCentral(
                                directory.resolve("quick"),
                                "-Dserver.idle-connection-timeout=PT1S",
                                "-Dserver.idle-connection-period=PT1S");
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), quick.port());
                Socket asks = new Socket(InetAddress.getLoopbackAddress(), quick.port())) {
            assertEquals(-1, silent.getInputStream().read());
            // Its answers fill every buffer between, its thread waits; then it cannot ask either.
            assertThrows(
                    IOException.class,
                    () -> {
                        while (true) {
                            write(asks, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                        }
                    });
        }
    }

    @Test
    void closesAConnectionWhoseHeadNeverEndsAndNoneThatIsIdle() throws Exception {
        try (Socket idle = connect();
                Socket slow = connect()) {
            awaitHealthy(idle);
            write(slow, "GET /health/ready HTTP/1.1\r\nX-Slow: ");
            Waiting.until(
                    "the end of the connection",
                    () -> {
                        try {
                            // A byte now and then, as an attacker does to look alive.
                            write(slow, "a");
                            return false;
                        } catch (IOException e) {
                            return true;
                        }
                    });
            awaitHealthy(idle);
        }
    }

    private static void awaitHealthy(Socket socket) throws IOException {
        write(socket, "GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n");
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("]}")) {
            int next = socket.getInputStream().read();
            assertTrue(next >= 0, answer.toString());
            answer.append((char) next);
        }
        assertTrue(answer.toString().contains("HTTP/1.1 200"), answer.toString());
    }

    private static String toldUntilItsEnd(Socket socket) throws IOException {
        StringBuilder told = new StringBuilder();
        try {
            for (int b = socket.getInputStream().read(); b >= 0; ) {
                told.append((char) b);
                b = socket.getInputStream().read();
            }
        } catch (SocketException e) {
            // Reset: an end as well.
        }
        return told.toString();
    }

    /**
     * Takes a backtracking regular expression longer than anybody waits: what it refers back to no
     * automaton reads.
     */
    private static String endless() {
        return "/api/logs?query=" + RunningCentral.encoded("/(x+x+)+(x+x+)+(x+x+)+\\1y/");
    }

    @Test
    void endsAQueryThatTakesTooLongOrThatNobodyWaitsFor() throws Exception {
        assertEquals(200, post("x".repeat(200) + " y").statusCode());
        HttpResponse<String> late = get(endless());
        assertEquals(503, late.statusCode(), late.body());
        assertEquals(
                "{\"error\":\"the query took longer than PT8S (central.query.timeout)\"}",
                late.body());
        try (Socket socket = connect()) {
            write(
                    socket,
                    "GET "
                            + endless()
                            + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            + READER
                            + "\r\n\r\n");
        }
        // One query at a time: while that one runs, nobody else has a turn. Ended by its time it
        // would be a 503 in the audit.
        assertEquals(200, get("/api/logs?query=nothing").statusCode());
        Waiting.until("499 in the audit", () -> central.output().contains("\"status\":499"));
    }
}
