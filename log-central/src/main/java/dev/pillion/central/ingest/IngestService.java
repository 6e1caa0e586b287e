package dev.pillion.central.ingest;

import dev.pillion.central.access.Access;
import dev.pillion.central.access.Denied;
import dev.pillion.central.access.Grant;
import dev.pillion.central.connect.Connections;
import dev.pillion.central.connect.Opening;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * {@code POST /v1/logs}: OTLP/HTTP. Answers only when the store says that all of the request is
 * safe. Runs on Helidon's virtual thread of the request. A body is read without a turn, within a
 * time and within the memory that all share, so that slow senders are in nobody's way; a semaphore
 * bounds how many are decoded and written at once.
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
    private final Intake intake;
    private final Access access;
    private final Connections connections;
    private final IngestSettings settings;
    private final IngestLimits limits;
    private final BodyMemory memory;
    private final Semaphore turns;

    /** Where decoded requests go; the store, in the running service. */
    public interface Intake {
        /**
         * Returns when the request is safe.
         *
         * @param patience how long to wait while more comes than can be written
         * @throws Refusal if it was not taken
         */
        void take(
                Batch batch,
                byte[] sent,
                Body.Encoding encoding,
                Body.Format format,
                byte[] hash,
                Duration patience)
                throws InterruptedException;
    }

    public IngestService(
            Intake intake, Access access, Connections connections, IngestSettings settings) {
        this.intake = intake;
        this.access = access;
        this.connections = connections;
        this.settings = settings;
        this.limits = settings.limits();
        this.memory = new BodyMemory(settings.bodyMemory());
        this.turns = new Semaphore(settings.concurrent(), true);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post("/", this::post).any("/", this::otherMethod);
    }

    private void otherMethod(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ALLOW, "POST");
        endUnlessRead(request, response);
        refuse(response, Body.Format.JSON, 405, Answer.UNIMPLEMENTED, ACCEPTED);
    }

    private void post(ServerRequest request, ServerResponse response) {
        Optional<Body.Format> known = format(request);
        Body.Format format = known.orElse(Body.Format.JSON);
        Optional<Body.Encoding> encoding = encoding(request);
        // RFC 7694 section 3: said in any answer, so that a client may go on with the better one
        response.header(HeaderNames.ACCEPT_ENCODING, "zstd, gzip, identity");
        endUnlessRead(request, response);
        switch (access.sending(Opening.of(request))) {
            case Denied denied -> {
                denied.headers(response);
                int code =
                        switch (denied.status()) {
                            case 401 -> Answer.UNAUTHENTICATED;
                            case 403 -> Answer.PERMISSION_DENIED;
                            default -> Answer.RESOURCE_EXHAUSTED;
                        };
                refuse(response, format, denied.status(), code, denied.message());
            }
            case Grant grant when known.isEmpty() || encoding.isEmpty() -> {
                refuse(
                        response,
                        format,
                        415,
                        Answer.INVALID_ARGUMENT,
                        (known.isEmpty() ? "this Content-Type" : "this Content-Encoding")
                                + " is not taken; "
                                + ACCEPTED);
            }
            case Grant grant -> take(request, response, grant, format, encoding.get());
        }
    }

    private void take(
            ServerRequest request,
            ServerResponse response,
            Grant grant,
            Body.Format format,
            Body.Encoding encoding) {
        try (BodyMemory.Share share = memory.share()) {
            byte[] sent = body(request, response, share);
            access.sent(grant, sent.length);
            List<Batch.Rejection> rejections = take(sent, grant, format, encoding, share);
            response.status(Status.OK_200);
            send(response, format, Answer.taken(format, rejections));
        } catch (Malformed e) {
            boolean large = e.kind() == Malformed.Kind.TOO_LARGE;
            refuse(
                    response,
                    format,
                    large ? 413 : 400,
                    large ? Answer.RESOURCE_EXHAUSTED : Answer.INVALID_ARGUMENT,
                    e.getMessage());
        } catch (NotAllowed e) {
            refuse(response, format, 403, Answer.PERMISSION_DENIED, e.getMessage());
        } catch (Refusal e) {
            response.header(HeaderNames.RETRY_AFTER, Long.toString(e.retrySeconds()));
            refuse(
                    response,
                    format,
                    e.status(),
                    e.status() == 429 ? Answer.RESOURCE_EXHAUSTED : Answer.UNAVAILABLE,
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            response.header(HeaderNames.RETRY_AFTER, "1");
            refuse(response, format, 503, Answer.UNAVAILABLE, "log-central is stopping");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What of a body is never read would be taken for the next request: until all of it has been
     * read, the answer is the connection's last (RFC 9112 section 9.3).
     */
    private static void endUnlessRead(ServerRequest request, ServerResponse response) {
        if (request.content().hasEntity()) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
    }

    private byte[] body(ServerRequest request, ServerResponse response, BodyMemory.Share share)
            throws IOException {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        long announced = request.headers().contentLength().orElse(-1);
        if (announced > limits.requestBytes()) {
            throw Malformed.tooLarge(
                    "more than " + limits.requestBytes() + " bytes (central.ingest.request-bytes)");
        }
        // Whoever sends too slowly cannot be answered either: he does not listen yet.
        try (var _ = connections.closeAfter(request, settings.bodyTimeout())) {
            byte[] sent =
                    Body.sent(
                            request.content().inputStream(),
                            announced,
                            limits.requestBytes(),
                            share::take);
            response.headers().remove(HeaderNames.CONNECTION);
            return sent;
        }
    }

    private List<Batch.Rejection> take(
            byte[] sent,
            Grant grant,
            Body.Format format,
            Body.Encoding encoding,
            BodyMemory.Share share)
            throws InterruptedException {
        long end = System.nanoTime() + settings.patience().toNanos();
        if (!turns.tryAcquire(settings.patience().toNanos(), TimeUnit.NANOSECONDS)) {
            throw new Refusal(429, 1, "too many requests at once (central.ingest.concurrent)");
        }
        try {
            byte[] protobuf = Body.protobuf(sent, encoding, format, limits, share::take);
            Batch batch = decode(protobuf, grant);
            if (batch.size() > 0) {
                Duration patience = Duration.ofNanos(Math.max(end - System.nanoTime(), 0));
                intake.take(batch, sent, encoding, format, hash(sent, grant), patience);
            }
            return batch.rejections();
        } finally {
            turns.release();
        }
    }

    /** All of a request is of namespaces that its token may not send. */
    private static final class NotAllowed extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotAllowed(String message) {
            super(message, null, false, false);
        }
    }

    private Batch decode(byte[] protobuf, Grant grant) {
        if (!grant.limited()) {
            return LogsDecoder.decode(protobuf, limits);
        }
        int[] allowed = {0};
        String[] refusal = {""};
        Batch batch =
                LogsDecoder.decode(
                        protobuf,
                        limits,
                        resource -> {
                            String namespace = resource.attribute(Grant.NAMESPACE);
                            if (grant.namespaces().contains(namespace)) {
                                allowed[0]++;
                                return "";
                            }
                            refusal[0] =
                                    Grant.NAMESPACE
                                            + " '"
                                            + namespace
                                            + "' is not one of this token's";
                            return refusal[0];
                        });
        if (allowed[0] == 0 && !refusal[0].isEmpty()) {
            throw new NotAllowed(refusal[0]);
        }
        return batch;
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

    /** By what a request is recognised: of a limited token another than of one that is not. */
    private static byte[] hash(byte[] sent, Grant grant) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            if (grant.limited()) {
                String namespaces = String.join(",", new TreeSet<>(grant.namespaces()));
                digest.update(namespaces.getBytes(StandardCharsets.UTF_8));
            }
            return Arrays.copyOf(digest.digest(sent), 16);
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
