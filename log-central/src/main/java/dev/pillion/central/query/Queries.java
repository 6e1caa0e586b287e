package dev.pillion.central.query;

import dev.pillion.central.access.Access;
import dev.pillion.central.access.Audit;
import dev.pillion.central.access.Decision;
import dev.pillion.central.access.Denied;
import dev.pillion.central.access.Grant;
import dev.pillion.central.connect.Connections;
import dev.pillion.central.connect.Opening;
import dev.pillion.central.store.Deadline;
import dev.pillion.central.store.QueryStopped;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What every read passes: may they, is there a turn, how long may it take, does anybody still wait
 * for it, and a line in the audit. Thread-safe; a semaphore bounds how many ask the store at once,
 * and so how many threads answer.
 */
public final class Queries {

    private static final int CLIENT_LEFT = 499;
    private static final int RETRY_SECONDS = 5;

    /** As much as the head of a request may have, so that a form says what an address can say. */
    private static final int MOST_FORM = 64 << 10;

    private static final String FORM = "application/x-www-form-urlencoded";

    private final Access access;
    private final Audit audit;
    private final QueryLimits limits;
    private final Connections connections;
    private final Clock clock;
    private final Semaphore turns;

    /** Answers a request that may be answered. */
    public interface Query {
        /**
         * @return how many records were given, for the audit
         * @throws IllegalArgumentException with a message for a person: 400
         * @throws QuerySyntax with a column: 400
         */
        long answer(Asked asked, ServerResponse response);
    }

    /** How an error is written. */
    public interface ErrorStyle {
        /**
         * @param column where in the query, from 1; 0 is nowhere
         */
        void send(ServerResponse response, int status, String message, int column);
    }

    /** Too many queries run already. */
    public static final class NoTurn extends RuntimeException {
        private static final long serialVersionUID = 1;

        NoTurn() {
            super("too many queries run at once (central.query.concurrent)", null, false, false);
        }
    }

    public Queries(
            Access access, Audit audit, QueryLimits limits, Connections connections, Clock clock) {
        this.access = access;
        this.audit = audit;
        this.limits = limits;
        this.connections = connections;
        this.clock = clock;
        this.turns = new Semaphore(limits.concurrent(), true);
    }

    public QueryLimits limits() {
        return limits;
    }

    boolean stillAllowed(ServerRequest request) {
        return access.stillReads(Opening.of(request));
    }

    /** A handler for readers. */
    public Handler handler(ErrorStyle errors, Query query) {
        return handler(access::reading, errors, query);
    }

    /** A handler for those that the decision lets in. */
    public Handler handler(Function<Opening, Decision> decision, ErrorStyle errors, Query query) {
        return (request, response) -> {
            switch (decision.apply(Opening.of(request))) {
                case Denied denied -> {
                    denied.headers(response);
                    errors.send(response, denied.status(), denied.message(), 0);
                }
                case Grant grant -> answer(request, response, grant, errors, query);
            }
        };
    }

    private void answer(
            ServerRequest request,
            ServerResponse response,
            Grant grant,
            ErrorStyle errors,
            Query query) {
        long begin = System.nanoTime();
        long records = 0;
        int status = CLIENT_LEFT;
        Opening opening = Opening.of(request);
        try {
            opening = withForm(opening, request, response);
            records =
                    query.answer(
                            new Asked(opening, request, response, grant, this, clock.millis()),
                            response);
            status = response.status().code();
        } catch (QuerySyntax e) {
            errors.send(response, 400, e.getMessage(), e.column());
            status = 400;
        } catch (IllegalArgumentException e) {
            errors.send(response, 400, e.getMessage(), 0);
            status = 400;
        } catch (NoTurn e) {
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
            errors.send(response, 429, e.getMessage(), 0);
            status = 429;
        } catch (QueryStopped e) {
            status =
                    switch (e.kind()) {
                        case TIME_OVER -> 503;
                        case NOT_ANSWERABLE -> 400;
                        case NOBODY_WAITS -> CLIENT_LEFT;
                    };
            errors.send(response, status == CLIENT_LEFT ? 503 : status, e.getMessage(), 0);
        } catch (UncheckedIOException | ServerConnectionException e) {
            // The reader has gone; there is nobody to tell.
        } finally {
            audit.read(grant, opening, status, records, System.nanoTime() - begin);
        }
    }

    /** A request by {@code POST} has its parameters in its body. */
    private Opening withForm(Opening opening, ServerRequest request, ServerResponse response) {
        if (!request.prologue().method().equals(Method.POST)) {
            return opening;
        }
        String type = opening.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!type.split(";", 2)[0].strip().equalsIgnoreCase(FORM)) {
            response.header(HeaderNames.CONNECTION, "close");
            throw new IllegalArgumentException("a request by POST has its parameters as " + FORM);
        }
        byte[] form;
        try (var _ = connections.closeAfter(request, limits.timeout())) {
            form =
                    request.content().hasEntity()
                            ? request.content().inputStream().readNBytes(MOST_FORM + 1)
                            : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (form.length > MOST_FORM) {
            response.header(HeaderNames.CONNECTION, "close");
            throw new IllegalArgumentException("a form has at most " + MOST_FORM + " bytes");
        }
        return new Opening(
                opening.path(),
                UriQuery.create(new String(form, StandardCharsets.UTF_8)),
                opening.headers(),
                opening.peer());
    }

    /**
     * @throws QueryStopped when the time is over or the client has gone
     */
    <T> T ask(ServerRequest request, ServerResponse response, Function<Deadline, T> question) {
        return ask(
                deadline -> {
                    try (var watch = connections.whenGone(request, deadline::cancel)) {
                        try {
                            return question.apply(deadline);
                        } finally {
                            if (watch.wasRead()) {
                                response.header(HeaderNames.CONNECTION, "close");
                            }
                        }
                    }
                });
    }

    /**
     * Waits for a turn, then asks.
     *
     * @throws QueryStopped when the time is over
     */
    public <T> T ask(Function<Deadline, T> question) {
        try {
            if (!turns.tryAcquire(limits.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new NoTurn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoTurn();
        }
        try {
            return question.apply(new Deadline(limits.timeout()));
        } finally {
            turns.release();
        }
    }
}
