package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.pillion.adapter.ship.Endpoint.Compression;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;

/** Any OTLP/HTTP endpoint, well or not: real servers, HTTP by the JDK's or by the byte. */
class OtlpClientTest {

    private static final Tls.Files NO_TLS =
            new Tls.Files(Optional.empty(), Optional.empty(), Optional.empty());
    private static final byte[] BODY =
            "a request of some length, ".repeat(100).getBytes(StandardCharsets.US_ASCII);

    /** A request as a server had it, unpacked. */
    @SuppressWarnings("ArrayRecordComponent") // made and read by one test
    private record Seen(String uri, Map<String, List<String>> headers, byte[] body) {
        String header(String name) {
            return String.join("|", headers.getOrDefault(name, List.of()));
        }
    }

    @TempDir Path folder;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private ServerSocket raw;

    @AfterEach
    void end() throws IOException {
        if (server != null) {
            server.stop(0);
        }
        if (raw != null) {
            raw.close();
        }
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    /** Answers as it is told to, after the request was noted. */
    private URI serve(Handler handler) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
                    seen.add(
                            new Seen(
                                    exchange.getRequestURI().toString(),
                                    Map.copyOf(exchange.getRequestHeaders()),
                                    unpack(body, encoding)));
                    handler.handle(exchange);
                    exchange.close();
                });
        server.start();
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/v1/logs");
    }

    private static byte[] unpack(byte[] body, String encoding) throws IOException {
        if (encoding == null) {
            return body;
        }
        return encoding.equals("zstd")
                ? Zstd.decompress(body, (int) Zstd.getFrameContentSize(body))
                : new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }

    private interface Script {
        void play(Socket socket) throws IOException, InterruptedException;
    }

    /** Plays a script for each connection, one after the other; the last one over and over. */
    private URI play(Script... scripts) throws IOException {
        raw = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            for (int i = 0; !raw.isClosed(); i++) {
                                try (Socket socket = raw.accept()) {
                                    scripts[Math.min(i, scripts.length - 1)].play(socket);
                                } catch (IOException | InterruptedException e) {
                                    // the test is over, or the client hung up
                                }
                            }
                        })
                .setName("far end");
        return URI.create("http://localhost:" + raw.getLocalPort() + "/v1/logs");
    }

    private static void head(InputStream in) throws IOException {
        for (int end = 0; end < 4; ) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("closed");
            }
            end = c == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : 0;
        }
    }

    private static void request(Socket socket) throws IOException {
        head(socket.getInputStream());
        socket.getInputStream().readNBytes(BODY.length);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static OtlpClient client(URI uri, Compression compression) {
        return new OtlpClient(
                new Endpoint(
                        uri,
                        Map.of(),
                        Optional.empty(),
                        NO_TLS,
                        compression,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5)));
    }

    private static Delivery post(URI uri) throws InterruptedException {
        try (OtlpClient client = client(uri, Compression.NONE)) {
            return client.post(BODY, BODY.length);
        }
    }

    @Test
    void sendsPathHeadersAndATokenThatIsRotated() throws Exception {
        URI uri = serve(e -> e.sendResponseHeaders(200, -1));
        Path token = Files.writeString(folder.resolve("token"), " first\n");
        Endpoint endpoint =
                new Endpoint(
                        uri.resolve("/tenant%20a/logs?x=1"),
                        Map.of("X-Scope-OrgID", "shop"),
                        Optional.of(token),
                        NO_TLS,
                        Compression.NONE,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5));
        try (OtlpClient client = new OtlpClient(endpoint)) {
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
            Files.writeString(token, "second");
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
            Files.writeString(token, "\n");
            Delivery.Retry retry =
                    assertInstanceOf(Delivery.Retry.class, client.post(BODY, BODY.length));
            assertTrue(retry.reason().contains("adapter.token-file"), retry.reason());
        }
        assertEquals(2, seen.size());
        assertEquals("/tenant%20a/logs?x=1", seen.get(0).uri());
        assertEquals("shop", seen.get(0).header("X-scope-orgid"));
        assertEquals("application/x-protobuf", seen.get(0).header("Content-type"));
        assertEquals("Bearer first", seen.get(0).header("Authorization"));
        assertEquals("Bearer second", seen.get(1).header("Authorization"));
        assertArrayEquals(BODY, seen.get(1).body());
    }

    @Test
    void goesOnWithZstdOnceAnAnswerSaysSo() throws Exception {
        URI uri =
                serve(
                        e -> {
                            e.getResponseHeaders().set("Accept-Encoding", "zstd;q=1.0, gzip");
                            e.sendResponseHeaders(200, -1);
                        });
        try (OtlpClient client = client(uri, Compression.AUTO)) {
            for (int i = 0; i < 3; i++) {
                assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
            }
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, 20));
        }
        assertEquals(
                List.of("gzip", "zstd", "zstd", ""),
                seen.stream().map(s -> s.header("Content-encoding")).toList());
        for (Seen request : seen.subList(0, 3)) {
            assertArrayEquals(BODY, request.body());
        }
    }

    @Test
    void keepsToGzipWhereNothingIsSaid() throws Exception {
        URI uri = serve(e -> e.sendResponseHeaders(200, -1));
        try (OtlpClient client = client(uri, Compression.AUTO)) {
            client.post(BODY, BODY.length);
            client.post(BODY, BODY.length);
        }
        assertEquals("gzip", seen.get(1).header("Content-encoding"));
    }

    @Test
    void stepsDownWhenAPackingIsRefused() throws Exception {
        URI uri =
                serve(
                        e ->
                                e.sendResponseHeaders(
                                        e.getRequestHeaders().containsKey("Content-Encoding")
                                                ? 415
                                                : 200,
                                        -1));
        try (OtlpClient client = client(uri, Compression.AUTO)) {
            assertInstanceOf(Delivery.Retry.class, client.post(BODY, BODY.length));
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
        }
    }

    @Test
    void triesAgainOnANewConnectionWhenTheOldOneWasClosed() throws Exception {
        Script once =
                socket -> {
                    request(socket);
                    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                };
        URI uri = play(once, once);
        try (OtlpClient client = client(uri, Compression.NONE)) {
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
            assertInstanceOf(Delivery.Accepted.class, client.post(BODY, BODY.length));
        }
    }

    @Test
    void readsInterimAnswersChunksAndPartialSuccess() throws Exception {
        // ExportLogsPartialSuccess: rejected_log_records 3, error_message "no"
        byte[] body = {10, 6, 8, 3, 18, 2, 'n', 'o'};
        String partial = new String(body, StandardCharsets.ISO_8859_1);
        URI uri =
                play(
                        socket -> {
                            request(socket);
                            say(socket, "HTTP/1.1 100 Continue\r\n\r\n");
                            say(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                            say(socket, "3;x=y\r\n" + partial.substring(0, 3) + "\r\n");
                            say(socket, "5\r\n" + partial.substring(3) + "\r\n");
                            say(socket, "0\r\nTrailer: t\r\n\r\n");
                        });
        assertEquals(new Delivery.Accepted(3, "no"), post(uri));
    }

    @Test
    void hearsThatARequestIsTooLargeBeforeItIsAllSent() throws Exception {
        URI uri =
                play(
                        socket -> {
                            head(socket.getInputStream());
                            say(socket, "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n");
                            say(socket, "Content-Length: 0\r\n\r\n");
                            socket.shutdownOutput();
                            socket.getInputStream().skipNBytes(1 << 20);
                        });
        byte[] large = new byte[16 << 20];
        try (OtlpClient client = client(uri, Compression.NONE)) {
            assertInstanceOf(Delivery.TooLarge.class, client.post(large, large.length));
        }
    }

    @Test
    void waitsAsLongAsItIsAskedTo() throws Exception {
        URI uri =
                serve(
                        e -> {
                            e.getResponseHeaders().set("Retry-After", "7");
                            e.sendResponseHeaders(429, -1);
                        });
        assertEquals(7000, assertInstanceOf(Delivery.Retry.class, post(uri)).afterMillis());
    }

    @Test
    void neverGivesUpOnARefusedTokenAndAsksSeldomWhenForbidden() throws Exception {
        int[] status = {401};
        URI uri =
                serve(
                        e -> {
                            byte[] why = "invalid_token".getBytes(StandardCharsets.US_ASCII);
                            e.sendResponseHeaders(status[0], why.length);
                            e.getResponseBody().write(why);
                        });
        Delivery.Retry first = assertInstanceOf(Delivery.Retry.class, post(uri));
        assertTrue(first.reason().endsWith("answered 401: invalid_token"), first.reason());
        status[0] = 403;
        Delivery.Retry second = assertInstanceOf(Delivery.Retry.class, post(uri));
        assertEquals(30_000, second.afterMillis());
    }

    @Test
    void givesUpARequestThatIsNotAnsweredOrNotRead() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        URI uri =
                play(
                        socket -> {
                            head(socket.getInputStream());
                            // Neither reads on nor answers.
                            over.await();
                        });
        Endpoint endpoint =
                new Endpoint(
                        uri,
                        Map.of(),
                        Optional.empty(),
                        NO_TLS,
                        Compression.NONE,
                        Duration.ofSeconds(5),
                        Duration.ofMillis(300));
        byte[] large = new byte[32 << 20];
        long begun = System.nanoTime();
        try (OtlpClient client = new OtlpClient(endpoint)) {
            Delivery.Retry retry =
                    assertInstanceOf(Delivery.Retry.class, client.post(large, large.length));
            assertTrue(retry.reason().contains("no answer within 0.3 s"), retry.reason());
        }
        assertTrue(System.nanoTime() - begun < 5_000_000_000L);
        over.countDown();
    }

    @Test
    void saysWhatIsNotHttp() throws Exception {
        URI uri =
                play(
                        socket -> {
                            request(socket);
                            say(socket, "SSH-2.0-OpenSSH_9.2\r\n");
                        });
        Delivery.Retry retry = assertInstanceOf(Delivery.Retry.class, post(uri));
        assertTrue(retry.reason().contains("not HTTP/1.1"), retry.reason());
    }
}
