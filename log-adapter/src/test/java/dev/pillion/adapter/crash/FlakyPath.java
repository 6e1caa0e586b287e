package dev.pillion.adapter.crash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The way from an adapter to its receiver: hands requests on as they are, refuses them, holds
 * answers back or cuts them off. A receiver that is not there is a connection cut without a word.
 */
final class FlakyPath implements AutoCloseable {

    private static final Duration LATE = Duration.ofMillis(200);

    private final HttpServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Receiver receiver;
    private final AtomicLong requests = new AtomicLong();
    private volatile FarEnd mood;

    FlakyPath(Receiver receiver, FarEnd mood) throws IOException {
        this.receiver = receiver;
        this.mood = mood;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/logs", this::handle);
        server.createContext("/api/files", this::ask);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    /** Requests that came, whatever became of them. */
    long requests() {
        return requests.get();
    }

    void mood(FarEnd mood) {
        this.mood = mood;
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        long turn = requests.incrementAndGet();
        FarEnd now = mood;
        if (now == FarEnd.UNAVAILABLE && System.nanoTime() / 500_000_000L % 2 == 0) {
            exchange.getResponseHeaders().set("Retry-After", "0");
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
            return;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(receiver.endpoint().resolve("/v1/logs"))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (String name : new String[] {"Content-Type", "Content-Encoding"}) {
            String value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) {
                request.header(name, value);
            }
        }
        HttpResponse<byte[]> answer = send(request);
        if (now == FarEnd.SLOW) {
            LockSupport.parkNanos(LATE.toNanos());
        }
        if (now == FarEnd.CUT && turn % 3 == 0) {
            exchange.sendResponseHeaders(answer.statusCode(), 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            throw new IOException("cut in the middle of the answer");
        }
        answer(exchange, answer);
    }

    /** What the receiver has of files: a question that is always let through. */
    private void ask(HttpExchange exchange) throws IOException {
        URI asked = receiver.endpoint().resolve(exchange.getRequestURI());
        answer(exchange, send(HttpRequest.newBuilder(asked)));
    }

    private static void answer(HttpExchange exchange, HttpResponse<byte[]> answer)
            throws IOException {
        exchange.sendResponseHeaders(
                answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
        exchange.close();
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        http.shutdownNow();
    }
}
