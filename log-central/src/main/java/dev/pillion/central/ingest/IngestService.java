package dev.pillion.central.ingest;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * {@code POST /v1/logs}: OTLP/HTTP. Answers only when the store says that all of the request is
 * safe. Runs on Helidon's virtual thread of the request; a semaphore bounds how many bodies are in
 * memory at once.
 *
 * <p>Helidon's own routing rather than JAX-RS: a body is read as raw bytes with a limit, before any
 * content negotiation, and nothing stands between the socket and the decoder.
 *
 * @see LogsDecoder the next step
 */
public final class IngestService implements HttpService {

    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";
    private static final String ACCEPTED =
            "POST OTLP log records to /v1/logs as application/x-protobuf or application/json,"
                    + " Content-Encoding identity, gzip or zstd";
    private static final int RETRY_SECONDS = 1;

    private final Intake intake;
    private final IngestLimits limits;
    private final Semaphore bodies;
    private final long waitMillis;

    /** Where decoded requests go; the store, in the running service. */
    public interface Intake {
        /**
         * Returns when the request is safe.
         *
         * @throws Refusal if it was not taken
         */
        void take(Batch batch, byte[] sent, Body.Encoding encoding, Body.Format format, byte[] hash)
                throws InterruptedException;
    }

    /** The request was not taken; the sender should come again. */
    public static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final long retrySeconds;

        public Refusal(int status, long retrySeconds, String message) {
            super(message, null, false, false);
            this.status = status;
            this.retrySeconds = retrySeconds;
        }
    }

    /**
     * @param concurrent requests whose bodies may be in memory at once
     * @param waitMillis how long another waits for its turn before it is answered 429
     */
    public IngestService(Intake intake, IngestLimits limits, int concurrent, long waitMillis) {
        this.intake = intake;
        this.limits = limits;
        this.bodies = new Semaphore(concurrent);
        this.waitMillis = waitMillis;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post("/", this::post).any("/", this::otherMethod);
    }

    private void otherMethod(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ALLOW, "POST");
        refuse(response, Body.Format.JSON, 405, Answer.UNIMPLEMENTED, ACCEPTED);
    }

    private void post(ServerRequest request, ServerResponse response) {
        Optional<Body.Format> format = format(request);
        if (format.isEmpty()) {
            refuse(
                    response,
                    Body.Format.JSON,
                    415,
                    Answer.INVALID_ARGUMENT,
                    "this Content-Type is not taken; " + ACCEPTED);
            return;
        }
        Optional<Body.Encoding> encoding = encoding(request);
        if (encoding.isEmpty()) {
            response.header(HeaderNames.ACCEPT_ENCODING, "gzip, zstd, identity");
            refuse(
                    response,
                    format.get(),
                    415,
                    Answer.INVALID_ARGUMENT,
                    "this Content-Encoding is not taken; " + ACCEPTED);
            return;
        }
        try {
            if (!bodies.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
                response.header(HeaderNames.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
                refuse(
                        response,
                        format.get(),
                        429,
                        Answer.RESOURCE_EXHAUSTED,
                        "too many requests at once (central.ingest.concurrent)");
                return;
            }
            try {
                take(request, response, format.get(), encoding.get());
            } finally {
                bodies.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(response, format.get(), 503, Answer.UNAVAILABLE, "log-central is stopping");
        }
    }

    private void take(
            ServerRequest request,
            ServerResponse response,
            Body.Format format,
            Body.Encoding encoding)
            throws InterruptedException {
        try {
            long announced = request.headers().contentLength().orElse(-1);
            if (announced > limits.requestBytes()) {
                throw Malformed.tooLarge(
                        "more than "
                                + limits.requestBytes()
                                + " bytes (central.ingest.request-bytes)");
            }
            byte[] sent =
                    request.content().hasEntity()
                            ? Body.read(
                                    request.content().inputStream(),
                                    announced,
                                    limits.requestBytes(),
                                    "central.ingest.request-bytes")
                            : new byte[0];
            byte[] protobuf = Body.protobuf(sent, encoding, format, limits);
            Batch batch = LogsDecoder.decode(protobuf, limits);
            if (batch.size() > 0) {
                intake.take(batch, sent, encoding, format, hash(sent));
            }
            response.status(Status.OK_200);
            send(response, format, Answer.taken(format, batch.rejections()));
        } catch (Malformed e) {
            boolean large = e.kind() == Malformed.Kind.TOO_LARGE;
            if (!request.content().consumed()) {
                // What is still being sent is not read; the connection cannot be used again.
                response.header(HeaderNames.CONNECTION, "close");
            }
            refuse(
                    response,
                    format,
                    large ? 413 : 400,
                    large ? Answer.RESOURCE_EXHAUSTED : Answer.INVALID_ARGUMENT,
                    e.getMessage());
        } catch (Refusal e) {
            response.header(HeaderNames.RETRY_AFTER, Long.toString(e.retrySeconds));
            refuse(
                    response,
                    format,
                    e.status,
                    e.status == 429 ? Answer.RESOURCE_EXHAUSTED : Answer.UNAVAILABLE,
                    e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Body.Format> format(ServerRequest request) {
        String type =
                request.headers()
                        .first(HeaderNames.CONTENT_TYPE)
                        .map(value -> value.split(";", 2)[0].trim().toLowerCase(Locale.ROOT))
                        .orElse("");
        return switch (type) {
            case PROTOBUF, "application/protobuf" -> Optional.of(Body.Format.PROTOBUF);
            case JSON -> Optional.of(Body.Format.JSON);
            default -> Optional.empty();
        };
    }

    private static Optional<Body.Encoding> encoding(ServerRequest request) {
        String encoding =
                request.headers()
                        .first(HeaderNames.CONTENT_ENCODING)
                        .map(value -> value.trim().toLowerCase(Locale.ROOT))
                        .orElse("identity");
        return switch (encoding) {
            case "identity", "" -> Optional.of(Body.Encoding.IDENTITY);
            case "gzip", "x-gzip" -> Optional.of(Body.Encoding.GZIP);
            case "zstd" -> Optional.of(Body.Encoding.ZSTD);
            default -> Optional.empty();
        };
    }

    private static byte[] hash(byte[] sent) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(sent), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuse(
            ServerResponse response, Body.Format format, int status, int code, String message) {
        response.status(Status.create(status));
        send(response, format, Answer.status(format, code, message));
    }

    private static void send(ServerResponse response, Body.Format format, byte[] body) {
        response.header(HeaderNames.CONTENT_TYPE, format == Body.Format.JSON ? JSON : PROTOBUF);
        response.send(body);
    }
}
