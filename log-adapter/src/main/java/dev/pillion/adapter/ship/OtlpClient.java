package dev.pillion.adapter.ship;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Posts requests to {@code <endpoint>/v1/logs} as the OTLP/HTTP specification has it. One instance
 * a worker: its buffers are reused; the HTTP client behind it is shared.
 */
public final class OtlpClient implements AutoCloseable {

    /** An answer's body is read up to here. */
    private static final int ANSWER_LIMIT = 64 * 1024;

    private final HttpClient http;
    private final URI uri;
    private final boolean gzip;
    private final Duration timeout;
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private byte[] compressed = new byte[64 * 1024];

    public OtlpClient(HttpClient http, URI endpoint, String compression, Duration timeout) {
        this.http = http;
        String base = endpoint.toString();
        this.uri = URI.create((base.endsWith("/") ? base : base + "/") + "v1/logs");
        this.gzip = compression.equals("gzip");
        this.timeout = timeout;
    }

    Delivery post(byte[] bytes, int length) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(timeout)
                        .header("Content-Type", "application/x-protobuf")
                        .header("User-Agent", "pillion-log-adapter");
        if (gzip) {
            int size = gzip(bytes, length);
            request.header("Content-Encoding", "gzip")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(compressed, 0, size));
        } else {
            request.POST(HttpRequest.BodyPublishers.ofByteArray(bytes, 0, length));
        }
        try {
            HttpResponse<InputStream> response =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            byte[] answer;
            try (InputStream in = response.body()) {
                answer = in.readNBytes(ANSWER_LIMIT);
            }
            return judge(response, answer);
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new Delivery.Retry(uri + ": " + message, -1);
        }
    }

    private Delivery judge(HttpResponse<InputStream> response, byte[] answer) {
        int status = response.statusCode();
        String said = uri + " answered " + status;
        return switch (status) {
            case 200, 202, 204 -> partial(answer);
            case 400, 422 -> new Delivery.Refused(said + ": " + text(answer));
            case 413 -> new Delivery.TooLarge(said);
            default ->
                    new Delivery.Retry(
                            said,
                            response.headers()
                                    .firstValue("Retry-After")
                                    .map(OtlpClient::retryAfter)
                                    .orElse(-1L));
        };
    }

    /** Milliseconds that a Retry-After asks for (RFC 9110, section 10.2.3); -1 if unreadable. */
    static long retryAfter(String value) {
        try {
            return Math.max(0, Long.parseLong(value.strip())) * 1000;
        } catch (NumberFormatException e) {
            try {
                Instant until =
                        ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                                .toInstant();
                return Math.max(0, Duration.between(Instant.now(), until).toMillis());
            } catch (DateTimeParseException f) {
                return -1;
            }
        }
    }

    /** Reads {@code ExportLogsServiceResponse.partial_success}. */
    static Delivery.Accepted partial(byte[] answer) {
        long rejected = 0;
        String message = "";
        Wire outer = new Wire(answer, 0, answer.length);
        while (outer.next()) {
            if (outer.field() == 1 && outer.type() == 2) {
                Wire inner = new Wire(answer, outer.from(), outer.to());
                while (inner.next()) {
                    if (inner.field() == 1 && inner.type() == 0) {
                        rejected = inner.value();
                    } else if (inner.field() == 2 && inner.type() == 2) {
                        message =
                                new String(
                                        answer,
                                        inner.from(),
                                        inner.to() - inner.from(),
                                        StandardCharsets.UTF_8);
                    }
                }
            }
        }
        return new Delivery.Accepted(rejected, message);
    }

    /** The readable part of a Status message or of a plain text. */
    private static String text(byte[] answer) {
        StringBuilder text = new StringBuilder();
        for (byte b : answer) {
            if (b >= ' ' && b < 127 && text.length() < 300) {
                text.append((char) b);
            }
        }
        return text.toString();
    }

    /** A whole gzip member (RFC 1952) in {@code compressed}; returns its length. */
    private int gzip(byte[] bytes, int length) {
        int bound = length + length / 1000 + 64;
        if (compressed.length < bound) {
            compressed = new byte[bound];
        }
        byte[] head = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 4, (byte) 255};
        System.arraycopy(head, 0, compressed, 0, head.length);
        deflater.reset();
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        int at = head.length;
        while (!deflater.finished()) {
            if (compressed.length - at < 1024) {
                compressed = java.util.Arrays.copyOf(compressed, compressed.length * 2);
            }
            at += deflater.deflate(compressed, at, compressed.length - at - 8);
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        at = little(at, (int) crc.getValue());
        return little(at, length);
    }

    private int little(int from, int value) {
        for (int i = 0; i < 4; i++) {
            compressed[from + i] = (byte) (value >>> (8 * i));
        }
        return from + 4;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
