package dev.pillion.launcher.partner;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import dev.pillion.launcher.certificates.ServerCertificate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The partner outside of the pod: an HTTPS endpoint that tells exchange rates to whoever shows the
 * API key, and 401 to everybody else; {@code /health/…} says UP to anybody.
 *
 * <p>{@code GET /rates} answers {@code
 * {"base":"EUR","date":"2026-11-22","rates":{"USD":1.0867,…}}}. One virtual thread a request; ended
 * by {@link #close}.
 */
public final class PartnerService implements AutoCloseable {

    /** The header that carries the key. */
    public static final String KEY_HEADER = "X-API-Key";

    /** How far a rate swings around its mean. */
    private static final double SWING = 0.01;

    private static final long SWING_SECONDS = 600;

    private final HttpsServer server;
    private final ExecutorService requests;
    private final byte[] key;
    private final Clock clock;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private PartnerService(HttpsServer server, ExecutorService requests, String key, Clock clock) {
        this.server = server;
        this.requests = requests;
        this.key = key.getBytes(StandardCharsets.UTF_8);
        this.clock = clock;
    }

    /**
     * Starts the service on localhost.
     *
     * @param port TCP port, 0 for any free one
     * @param key the API key to be shown
     * @param certificate what the server presents
     * @param clock what the rates move with
     * @throws IOException if the port is taken
     */
    public static PartnerService start(
            int port, String key, ServerCertificate certificate, Clock clock) throws IOException {
        return start(
                new InetSocketAddress(InetAddress.getByName("localhost"), port),
                key,
                certificate,
                clock);
    }

    /** Starts the service on an address of this machine; else as on localhost. */
    static PartnerService start(
            InetSocketAddress address, String key, ServerCertificate certificate, Clock clock)
            throws IOException {
        HttpsServer server = HttpsServer.create(address, 64);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.serverContext()));
        ExecutorService requests =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("partner request ", 1).factory());
        PartnerService partner = new PartnerService(server, requests, key, clock);
        server.setExecutor(requests);
        server.createContext("/", partner::answer);
        server.createContext(
                "/health/",
                exchange -> {
                    try (exchange) {
                        respond(exchange, 200, "{\"status\":\"UP\"}");
                    }
                });
        server.start();
        return partner;
    }

    /** The TCP port. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** How many requests showed the key and got rates. */
    public long answered() {
        return answered.get();
    }

    /** How many requests came without the key. */
    public long refused() {
        return refused.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/rates")) {
                respond(exchange, 404, "{\"error\":\"only /rates is here\"}");
            } else if (!showsKey(exchange)) {
                refused.incrementAndGet();
                respond(
                        exchange,
                        401,
                        "{\"error\":\"header " + KEY_HEADER + " is missing or wrong\"}");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                respond(exchange, 405, "{\"error\":\"only GET\"}");
            } else {
                answered.incrementAndGet();
                respond(exchange, 200, rates());
            }
        }
    }

    private boolean showsKey(HttpExchange exchange) {
        String shown = exchange.getRequestHeaders().getFirst(KEY_HEADER);
        return shown != null && MessageDigest.isEqual(shown.getBytes(StandardCharsets.UTF_8), key);
    }

    private String rates() {
        double phase = 2 * Math.PI * (clock.millis() / 1000 % SWING_SECONDS) / SWING_SECONDS;
        return String.format(
                Locale.ROOT,
                "{\"base\":\"EUR\",\"date\":\"%s\",\"rates\":{\"USD\":%.4f,\"GBP\":%.4f,\"CHF\":%.4f,\"JPY\":%.2f}}",
                LocalDate.now(clock),
                1.0867 * (1 + SWING * Math.sin(phase)),
                0.8341 * (1 + SWING * Math.sin(phase + 1)),
                0.9312 * (1 + SWING * Math.sin(phase + 2)),
                163.45 * (1 + SWING * Math.sin(phase + 3)));
    }

    private static void respond(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Stops at once; requests under way are cut. */
    @Override
    public void close() {
        server.stop(0);
        requests.shutdownNow();
    }
}
