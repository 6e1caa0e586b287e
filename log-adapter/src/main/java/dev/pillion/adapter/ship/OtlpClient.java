package dev.pillion.adapter.ship;

import dev.pillion.adapter.ship.Endpoint.Compression;
import dev.pillion.adapter.ship.HttpConnection.Answer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Posts requests as the OTLP/HTTP specification has it. One instance a worker, owned by it: its
 * connection and its buffers are reused.
 *
 * <p>Packing: gzip, which every receiver knows, until an answer says that zstd is taken ({@code
 * Accept-Encoding} in a response, RFC 7694), then zstd at a third of the CPU.
 */
public final class OtlpClient implements AutoCloseable {

    /** Less than this is not worth packing. */
    private static final int PACK_FROM_BYTES = 512;

    /** A 403 is a mistake of somebody's settings: not asked again sooner than this. */
    private static final long FORBIDDEN_MILLIS = 30_000;

    private final Endpoint endpoint;
    private final Tls tls;
    private final Packer packer = new Packer();
    private Compression compression;
    private HttpConnection connection;

    public OtlpClient(Endpoint endpoint) {
        this.endpoint = endpoint;
        this.tls = new Tls(endpoint.tls());
        this.compression =
                endpoint.compression() == Compression.AUTO
                        ? Compression.GZIP
                        : endpoint.compression();
    }

    Delivery post(byte[] bytes, int length) throws InterruptedException {
        byte[] body = bytes;
        int size = length;
        String encoding = "";
        if (length >= PACK_FROM_BYTES && compression != Compression.NONE) {
            if (compression == Compression.ZSTD && !packer.zstd()) {
                compression = Compression.GZIP;
            }
            encoding = compression == Compression.ZSTD ? "zstd" : "gzip";
            size = packer.pack(compression, bytes, length);
            body = packer.bytes();
        }
        try {
            Answer answer = exchange(head(encoding, size), body, size);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            negotiate(answer, encoding);
            return judge(answer);
        } catch (UnknownHostException e) {
            return new Delivery.Retry(
                    endpoint.address() + ": no address for " + endpoint.uri().getHost(), -1);
        } catch (IOException | UncheckedIOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new Delivery.Retry(endpoint.address() + ": " + message, -1);
        }
    }

    /**
     * What stands at another path of the same far end; empty if it does not know the path.
     *
     * @throws IOException if there is no answer, or one that it cannot answer now
     */
    Optional<byte[]> get(String path) throws IOException {
        try {
            StringBuilder head = begin("GET", path).append("Accept: application/json\r\n");
            Answer answer = exchange(end(head), new byte[0], 0);
            if (answer.status() == 200) {
                return Optional.of(answer.body());
            }
            if (answer.status() == 429 || answer.status() >= 500) {
                throw new IOException(path + " answered " + answer.status());
            }
            return Optional.empty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Answer exchange(byte[] head, byte[] body, int length) throws IOException {
        if (connection != null && connection.reusable() && !(endpoint.secure() && tls.changed())) {
            try {
                return connection.exchange(head, body, length, endpoint.requestTimeout());
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // Closed by the other side since the last request: once more, on a new one.
            }
        }
        disconnect();
        connection =
                new HttpConnection(
                        endpoint.uri().getHost(),
                        endpoint.port(),
                        endpoint.secure() ? tls.context() : null,
                        endpoint.connectTimeout());
        return connection.exchange(head, body, length, endpoint.requestTimeout());
    }

    private byte[] head(String encoding, int length) throws IOException {
        String path = endpoint.uri().getRawPath();
        String query = endpoint.uri().getRawQuery();
        String target = (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
        StringBuilder head = begin("POST", target);
        head.append("Content-Type: application/x-protobuf\r\n");
        if (!encoding.isEmpty()) {
            head.append("Content-Encoding: ").append(encoding).append("\r\n");
        }
        return end(head.append("Content-Length: ").append(length).append("\r\n"));
    }

    private StringBuilder begin(String method, String target) {
        StringBuilder head = new StringBuilder(256);
        head.append(method).append(' ').append(target);
        head.append(" HTTP/1.1\r\nHost: ").append(endpoint.uri().getHost());
        if (endpoint.uri().getPort() > 0) {
            head.append(':').append(endpoint.uri().getPort());
        }
        return head.append("\r\nUser-Agent: pillion-log-adapter\r\n");
    }

    private byte[] end(StringBuilder head) throws IOException {
        endpoint.headers()
                .forEach(
                        (name, value) ->
                                head.append(name).append(": ").append(value).append("\r\n"));
        if (endpoint.tokenFile().isPresent()) {
            head.append("Authorization: Bearer ")
                    .append(token(endpoint.tokenFile().get()))
                    .append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Read for each request: a few microseconds, and a rotated token is never missed. */
    private static String token(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            throw new IOException("adapter.token-file: cannot read " + file, e);
        }
        String token = text.lines().findFirst().orElse("").strip();
        if (token.isEmpty()) {
            throw new IOException("adapter.token-file: " + file + " is empty");
        }
        return token;
    }

    private void negotiate(Answer answer, String used) {
        String taken = answer.header("accept-encoding");
        if (endpoint.compression() == Compression.AUTO && !taken.isEmpty()) {
            boolean zstd =
                    Arrays.stream(taken.split(",", -1))
                            .map(coding -> coding.strip().split(";", 2)[0])
                            .anyMatch("zstd"::equalsIgnoreCase);
            compression = zstd && packer.zstd() ? Compression.ZSTD : Compression.GZIP;
        }
        if (answer.status() == 415 && endpoint.compression() == Compression.AUTO) {
            // Nothing said, or refused what it said: step down.
            compression = used.equals("zstd") ? Compression.GZIP : Compression.NONE;
        }
    }

    private Delivery judge(Answer answer) {
        int status = answer.status();
        if (status == 200 || status == 202 || status == 204) {
            return partial(answer.body());
        }
        String said = endpoint.address() + " answered " + status;
        return switch (status) {
            case 400, 422 -> new Delivery.Refused(said + ": " + text(answer.body()));
            case 413 -> new Delivery.TooLarge(said);
            default -> {
                String text = text(answer.body());
                long after = retryAfter(answer.header("retry-after"), answer.header("date"));
                yield new Delivery.Retry(
                        text.isEmpty() ? said : said + ": " + text,
                        status == 403 ? Math.max(after, FORBIDDEN_MILLIS) : after);
            }
        };
    }

    /**
     * Milliseconds that a Retry-After asks for (RFC 9110, section 10.2.3); -1 if unreadable.
     *
     * @param date when it was answered, by the clock that also told the time to come back: whatever
     *     ours says
     */
    static long retryAfter(String value, String date) {
        try {
            return Math.max(0, Long.parseLong(value.strip())) * 1000;
        } catch (NumberFormatException e) {
            try {
                Instant until = time(value);
                Instant answered = date.isEmpty() ? Instant.now() : time(date);
                return Math.max(0, Duration.between(answered, until).toMillis());
            } catch (DateTimeParseException f) {
                return -1;
            }
        }
    }

    private static Instant time(String date) {
        return ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
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

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public void close() {
        disconnect();
        packer.close();
    }
}
