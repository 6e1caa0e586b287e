import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A web site and an OTLP receiver on localhost: answers everything with 200. */
final class FarEnd {

    private final HttpServer server;
    private final AtomicInteger answered = new AtomicInteger();

    private FarEnd(HttpServer server) {
        this.server = server;
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().readAllBytes();
                        byte[] body = "ok\n".getBytes(StandardCharsets.US_ASCII);
                        if (exchange.getRequestURI().getPath().equals("/v1/logs")) {
                            exchange.getResponseHeaders()
                                    .set("Content-Type", "application/x-protobuf");
                            body = new byte[0];
                        }
                        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                        exchange.getResponseBody().write(body);
                        answered.incrementAndGet();
                    }
                });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Thread.ofPlatform().daemon().name("far end").start(server::start);
    }

    /** By HTTP on any free port. */
    static FarEnd start() throws IOException {
        return startAt(0);
    }

    /** By HTTP on this port. */
    static FarEnd startAt(int port) throws IOException {
        return new FarEnd(HttpServer.create(localhost(port), 16));
    }

    /** By HTTPS on any free port. */
    static FarEnd start(Identity identity) throws IOException {
        HttpsServer server = HttpsServer.create(localhost(0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.context()));
        return new FarEnd(server);
    }

    private static InetSocketAddress localhost(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** How many requests it has answered. */
    int answered() {
        return answered.get();
    }
}
