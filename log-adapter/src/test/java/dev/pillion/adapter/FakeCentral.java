package dev.pillion.adapter;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/**
 * A receiver that keeps the contract of log-central (a watermark a file, repeats dropped and
 * counted) and misbehaves as it is told to. Decodes with OpenTelemetry's own classes.
 */
public final class FakeCentral implements AutoCloseable {

    /** What to do with a request. */
    public enum Mood {
        WELL,
        /** 503, nothing stored. */
        UNAVAILABLE,
        /** Stored, and the connection cut before the answer. */
        CUT_AFTER_STORING,
        /** 400, nothing stored. */
        REFUSE
    }

    /** A record as it was received. */
    public record Received(
            String fileId, String path, long position, String scope, LogRecord record) {
        public String body() {
            return record.getBody().getStringValue();
        }
    }

    private HttpServer server;
    private int port;
    private volatile Duration late = Duration.ZERO;
    private final List<Received> received = new ArrayList<>();
    private final Map<String, Long> watermarks = new HashMap<>();
    private long repeats;
    private long outOfOrder;
    private long requests;
    private volatile Function<ExportLogsServiceRequest, Mood> mood = r -> Mood.WELL;

    public FakeCentral() throws IOException {
        this(0);
    }

    public FakeCentral(int port) throws IOException {
        listen(port);
    }

    private void listen(int wanted) throws IOException {
        server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
        port = server.getAddress().getPort();
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/logs", this::handle);
        server.createContext("/api/files", this::files);
        server.start();
    }

    /**
     * Ends, if it has not, requests in hand cut off, and comes back on the same port with what it
     * had stored.
     */
    public void restart() throws IOException {
        server.stop(0);
        for (int attempt = 0; ; attempt++) {
            try {
                listen(port);
                return;
            } catch (BindException e) {
                if (attempt == 200) {
                    throw e;
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    /** Every answer from now on comes so late. */
    public void answerLate(Duration late) {
        this.late = late;
    }

    public URI endpoint() {
        return URI.create("http://localhost:" + port);
    }

    public void mood(Mood always) {
        mood = r -> always;
    }

    public void mood(Function<ExportLogsServiceRequest, Mood> judge) {
        mood = judge;
    }

    private void handle(HttpExchange exchange) throws IOException {
        ExportLogsServiceRequest request;
        try (InputStream in = exchange.getRequestBody()) {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            request = ExportLogsServiceRequest.parseFrom(gzip ? new GZIPInputStream(in) : in);
        }
        Mood now = mood.apply(request);
        synchronized (this) {
            requests++;
            if (now == Mood.WELL || now == Mood.CUT_AFTER_STORING) {
                store(request);
            }
        }
        LockSupport.parkNanos(late.toNanos());
        switch (now) {
            case WELL -> exchange.sendResponseHeaders(200, -1);
            case UNAVAILABLE -> {
                exchange.getResponseHeaders().set("Retry-After", "0");
                exchange.sendResponseHeaders(503, -1);
            }
            case REFUSE -> exchange.sendResponseHeaders(400, -1);
            case CUT_AFTER_STORING -> {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write(1);
                exchange.getResponseBody().flush();
                throw new IOException("cut");
            }
        }
        exchange.close();
    }

    /** As log-central answers {@code GET /api/files?id=…}. */
    private void files(HttpExchange exchange) throws IOException {
        StringBuilder json = new StringBuilder("{\"files\":[");
        synchronized (this) {
            for (String parameter : exchange.getRequestURI().getQuery().split("&", -1)) {
                String id = parameter.substring("id=".length());
                if (watermarks.containsKey(id)) {
                    long records = received.stream().filter(r -> r.fileId().equals(id)).count();
                    json.append(json.length() > 10 ? "," : "").append("{\"id\":\"").append(id);
                    json.append("\",\"records\":").append(records);
                    json.append(",\"position\":").append(watermarks.get(id)).append('}');
                }
            }
        }
        byte[] answer = json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private void store(ExportLogsServiceRequest request) {
        for (ResourceLogs resource : request.getResourceLogsList()) {
            String id = attribute(resource.getResource().getAttributesList(), "log.file.id");
            String path = attribute(resource.getResource().getAttributesList(), "log.file.path");
            long before = watermarks.getOrDefault(id, -1L);
            long highest = before;
            for (ScopeLogs scope : resource.getScopeLogsList()) {
                for (LogRecord record : scope.getLogRecordsList()) {
                    long position = -1;
                    for (KeyValue pair : record.getAttributesList()) {
                        if (pair.getKey().equals("log.file.position")) {
                            position = pair.getValue().getIntValue();
                        }
                    }
                    if (position <= before) {
                        repeats++;
                        continue;
                    }
                    if (position <= highest) {
                        outOfOrder++;
                    }
                    highest = Math.max(highest, position);
                    received.add(
                            new Received(id, path, position, scope.getScope().getName(), record));
                }
            }
            watermarks.put(id, highest);
        }
    }

    private static String attribute(List<KeyValue> pairs, String name) {
        return pairs.stream()
                .filter(p -> p.getKey().equals(name))
                .map(p -> p.getValue().getStringValue())
                .findFirst()
                .orElse("");
    }

    public synchronized List<Received> received() {
        return List.copyOf(received);
    }

    public synchronized List<String> bodies() {
        return received.stream().map(Received::body).toList();
    }

    public synchronized int count() {
        return received.size();
    }

    public synchronized long repeats() {
        return repeats;
    }

    public synchronized long outOfOrder() {
        return outOfOrder;
    }

    public synchronized long requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
