package dev.pillion.ambassador.http;

import dev.pillion.ambassador.connect.ConnectFailure;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteStatistics;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLException;

/**
 * Sends one request on and its answer back. A virtual thread for each request; the target (route
 * and client) is swapped whole, a request keeps the one it began with.
 */
final class Forwarder {

    private static final Logger LOG = System.getLogger("dev.pillion.ambassador.session");
    private static final int COPY_BYTES = 16 << 10;

    /** Of one connection, not of the message: RFC 9110 section 7.6.1, and Host, which is ours. */
    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "host",
                    "content-length",
                    "expect");

    private record Target(Route.Http route, OnwardClient client) {}

    private final TlsContexts contexts;
    private final RouteStatistics statistics;
    private final AtomicInteger open = new AtomicInteger();
    private volatile Target target;

    Forwarder(Route.Http route, TlsContexts contexts, RouteStatistics statistics) {
        this.contexts = contexts;
        this.statistics = statistics;
        this.target = target(route);
    }

    /** Serves this route from the next request on. */
    void serve(Route.Http route) {
        Target before = target;
        if (before.route().tls().equals(route.tls())
                && before.route().connectTimeout().equals(route.connectTimeout())) {
            target = new Target(route, before.client());
            return;
        }
        target = target(route);
        before.client().retire();
    }

    void close() {
        target.client().retire();
    }

    void forward(ServerRequest request, ServerResponse response) {
        Target now = target;
        long begun = System.nanoTime();
        statistics.sessionsTotal.increment();
        statistics.sessionsOpen.increment();
        try {
            if (open.incrementAndGet() > now.route().maxSessions()) {
                fail(
                        now,
                        response,
                        Status.SERVICE_UNAVAILABLE_503,
                        "too_many_sessions",
                        "more than max-sessions " + now.route().maxSessions() + " requests");
                return;
            }
            send(now, request, response, begun);
        } finally {
            open.decrementAndGet();
            statistics.sessionsOpen.decrement();
        }
    }

    private void send(Target now, ServerRequest request, ServerResponse response, long begun) {
        Route.Http route = now.route();
        HttpRequest onward;
        try {
            onward = onward(route, request);
        } catch (IllegalArgumentException impossible) {
            fail(now, response, Status.BAD_REQUEST_400, "bad_request", "not a request to pass on");
            return;
        }
        HttpClient client;
        try {
            client = now.client().enter();
        } catch (ConnectFailure unusable) {
            // The authority was parsed with the table, and the JDK still refuses it.
            fail(now, response, Status.BAD_GATEWAY_502, "tls", unusable.getMessage());
            return;
        }
        try {
            exchange(now, client, onward, request, response, begun);
        } finally {
            now.client().leave();
        }
    }

    private void exchange(
            Target now,
            HttpClient client,
            HttpRequest onward,
            ServerRequest request,
            ServerResponse response,
            long begun) {
        Route.Http route = now.route();
        HttpResponse<InputStream> answer;
        try {
            answer = client.send(onward, BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException late) {
            fail(
                    now,
                    response,
                    Status.GATEWAY_TIMEOUT_504,
                    "timed_out",
                    "no answer within " + route.requestTimeout().toSeconds() + " s");
            return;
        } catch (SSLException untrusted) {
            fail(
                    now,
                    response,
                    Status.BAD_GATEWAY_502,
                    "tls",
                    "TLS failed: " + untrusted.getMessage());
            return;
        } catch (IOException unreachable) {
            fail(
                    now,
                    response,
                    Status.BAD_GATEWAY_502,
                    "unreachable",
                    "cannot be reached (" + why(unreachable) + ")");
            return;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            fail(now, response, Status.SERVICE_UNAVAILABLE_503, "drained", "shutting down");
            return;
        }
        long firstByte = (System.nanoTime() - begun) / 1_000_000;
        statistics.connected(firstByte);
        long bytes = answer(request, response, answer, route);
        LOG.log(
                Level.INFO,
                () ->
                        "session route="
                                + route.name()
                                + " client="
                                + request.remotePeer().address()
                                + " upstream="
                                + route.upstream()
                                + " method="
                                + request.prologue().method().text()
                                + " status="
                                + answer.statusCode()
                                + " first_byte_ms="
                                + firstByte
                                + " bytes_down="
                                + Math.max(bytes, 0)
                                + " duration_ms="
                                + (System.nanoTime() - begun) / 1_000_000
                                + " ended="
                                + (bytes < 0 ? "broken" : "answered"));
    }

    private HttpRequest onward(Route.Http route, ServerRequest request) {
        URI base = route.base();
        String query = request.prologue().query().rawValue();
        String path = base.getRawPath() == null ? "" : base.getRawPath();
        if (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        URI uri =
                URI.create(
                        base.getScheme()
                                + "://"
                                + base.getRawAuthority()
                                + path
                                + request.prologue().uriPath().rawPath()
                                + (query.isEmpty() ? "" : "?" + query));
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(uri)
                        .timeout(route.requestTimeout())
                        .method(request.prologue().method().text(), body(request));
        Set<String> dropped = dropped(values(request, "connection"));
        route.headers().keySet().forEach(name -> dropped.add(name.toLowerCase(Locale.ROOT)));
        for (Header header : request.headers()) {
            if (!dropped.contains(header.headerName().lowerCase())) {
                header.allValues().forEach(value -> builder.header(header.name(), value));
            }
        }
        route.headers().forEach((name, value) -> builder.setHeader(name, value.value()));
        return builder.build();
    }

    private BodyPublisher body(ServerRequest request) {
        if (!request.content().hasEntity()) {
            return BodyPublishers.noBody();
        }
        BodyPublisher stream =
                BodyPublishers.ofInputStream(
                        () -> new Counted(request.content().inputStream(), statistics.bytesUp));
        return request.headers().contentLength().isPresent()
                ? BodyPublishers.fromPublisher(
                        stream, request.headers().contentLength().getAsLong())
                : stream;
    }

    /** Bytes of the body; negative if it broke off. */
    private long answer(
            ServerRequest request,
            ServerResponse response,
            HttpResponse<InputStream> answer,
            Route.Http route) {
        response.status(Status.create(answer.statusCode()));
        Map<String, List<String>> headers = answer.headers().map();
        Set<String> dropped = dropped(answer.headers().allValues("connection"));
        dropped.remove("content-length");
        headers.forEach(
                (name, values) -> {
                    if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                        response.headers()
                                .set(HeaderValues.create(HeaderNames.create(name), values));
                    }
                });
        boolean noBody =
                request.prologue().method().text().equals("HEAD")
                        || answer.statusCode() == 204
                        || answer.statusCode() == 304;
        long total = 0;
        try (InputStream in = answer.body()) {
            if (noBody) {
                response.send();
                return 0;
            }
            try (OutputStream out = response.outputStream()) {
                byte[] buffer = new byte[COPY_BYTES];
                int count = in.read(buffer);
                while (count >= 0) {
                    out.write(buffer, 0, count);
                    total += count;
                    if (in.available() == 0) {
                        // What has come goes on before more is waited for.
                        out.flush();
                    }
                    count = in.read(buffer);
                }
            }
            return total;
        } catch (IOException | UncheckedIOException | CloseConnectionException broken) {
            statistics.failed(
                    Instant.now(),
                    "broken_off",
                    "route " + route.name() + ": an answer broke off after " + total + " bytes");
            // The status is sent already: only closing the connection tells the client.
            throw new CloseConnectionException("the answer broke off", broken);
        } finally {
            statistics.bytesDown.add(total);
        }
    }

    private void fail(Target now, ServerResponse response, Status status, String kind, String why) {
        Route.Http route = now.route();
        String text = "ambassador: route " + route.name() + " (" + route.upstream() + "): " + why;
        if (status.family() == Status.Family.SERVER_ERROR && !kind.equals("too_many_sessions")) {
            statistics.failed(Instant.now(), kind, text);
        } else {
            statistics.refused(Instant.now(), kind, text);
        }
        LOG.log(
                Level.INFO,
                () ->
                        "session route="
                                + route.name()
                                + " upstream="
                                + route.upstream()
                                + " status="
                                + status.code()
                                + " ended="
                                + kind);
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The client's exceptions often have their reason only for a cause, or for a class. */
    private static String why(IOException unreachable) {
        Throwable at = unreachable;
        while (at.getMessage() == null && at.getCause() != null) {
            at = at.getCause();
        }
        return switch (at) {
            case java.nio.channels.UnresolvedAddressException unknown ->
                    "its name is not known to DNS";
            case java.nio.channels.ClosedChannelException refused -> "the connection is refused";
            default -> at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
        };
    }

    private static Set<String> dropped(List<String> connection) {
        Set<String> dropped = new TreeSet<>(HOP_BY_HOP);
        for (String value : connection) {
            Arrays.stream(value.split(",", -1))
                    .map(name -> name.strip().toLowerCase(Locale.ROOT))
                    .forEach(dropped::add);
        }
        return dropped;
    }

    private static List<String> values(ServerRequest request, String name) {
        return request.headers().values(HeaderNames.create(name));
    }

    private Target target(Route.Http route) {
        return new Target(route, new OnwardClient(() -> client(route)));
    }

    private HttpClient client(Route.Http route) throws ConnectFailure {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(route.connectTimeout())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(
                        "https".equals(route.base().getScheme())
                                ? contexts.context(route.tls())
                                : contexts.believingNobody())
                .build();
    }

    /** Counts what is read through it. */
    private static final class Counted extends java.io.FilterInputStream {

        private final java.util.concurrent.atomic.LongAdder bytes;

        Counted(InputStream in, java.util.concurrent.atomic.LongAdder bytes) {
            super(in);
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                bytes.increment();
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            if (count > 0) {
                bytes.add(count);
            }
            return count;
        }
    }
}
