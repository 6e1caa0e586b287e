package dev.pillion.central.tail;

import dev.pillion.central.query.QuerySyntax;
import dev.pillion.central.query.ReadingService;
import dev.pillion.central.query.RecordJson;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Deadline;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.Since;
import dev.pillion.central.store.LogStore.StoredRecord;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * {@code GET /api/tail}: records as they come, as server-sent events. The cursor is a record's
 * number, its place in the journal; a reader takes what comes after it from the store itself. There
 * is no queue a reader could overflow: one that is slow or comes back reads on from where it was,
 * and is told ({@code gap}) if that is no longer kept.
 *
 * <p>One virtual thread a reader; a semaphore bounds how many there are.
 */
public final class TailService implements HttpService {

    private static final int BATCH = 500;
    private static final Duration STEP = Duration.ofSeconds(30);

    /** Also how long it takes to notice that a silent reader has gone. */
    private static final long KEEP_ALIVE_MILLIS = 10_000;

    private static final long STOP_CHECK_MILLIS = 500;

    private final LogStore store;
    private final Semaphore readers;
    private volatile boolean stopping;

    public TailService(LogStore store, int readers) {
        this.store = store;
        this.readers = new Semaphore(readers);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", this::tail);
    }

    @Override
    public void afterStop() {
        stopping = true;
    }

    /** Ends all readers, so that the server can stop. */
    public void stop() {
        stopping = true;
    }

    private void tail(ServerRequest request, ServerResponse response) {
        Condition condition;
        long position;
        try {
            condition = ReadingService.condition(request);
            String cursor =
                    request.headers()
                            .first(HeaderNames.create("Last-Event-ID"))
                            .orElseGet(() -> request.query().first("cursor").orElse(""));
            position = cursor.isEmpty() ? store.lastNumber() : Long.parseLong(cursor);
        } catch (QuerySyntax e) {
            ReadingService.problem(response, 400, e.getMessage(), e.column());
            return;
        } catch (NumberFormatException e) {
            ReadingService.problem(response, 400, "cursor: this is not a record's id", 0);
            return;
        }
        if (!readers.tryAcquire()) {
            response.header(HeaderNames.RETRY_AFTER, "5");
            ReadingService.problem(response, 429, "too many readers (central.tail.readers)", 0);
            return;
        }
        response.status(Status.OK_200);
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        try (OutputStream out = response.outputStream()) {
            follow(out, new Selection(condition, Long.MIN_VALUE, Long.MAX_VALUE), position);
        } catch (IOException | UncheckedIOException e) {
            // The reader has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            readers.release();
        }
    }

    private void follow(OutputStream out, Selection selection, long from)
            throws IOException, InterruptedException {
        long position = from;
        boolean first = true;
        event(out, "position", Long.toString(position), "{\"cursor\":\"" + position + "\"}");
        out.flush();
        long silentSince = System.nanoTime();
        while (!stopping) {
            if (!store.awaitAfter(position, STOP_CHECK_MILLIS)) {
                if (System.nanoTime() - silentSince > KEEP_ALIVE_MILLIS * 1_000_000) {
                    out.write(": nothing new\n\n".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    silentSince = System.nanoTime();
                }
                continue;
            }
            Since since = store.since(position, selection, BATCH, new Deadline(STEP));
            if (since.missing() && first) {
                event(out, "gap", Long.toString(position), "{\"after\":\"" + position + "\"}");
            }
            first = false;
            for (StoredRecord record : since.records()) {
                event(out, "record", Long.toString(record.number()), RecordJson.of(record));
            }
            position = since.last();
            if (since.records().isEmpty()) {
                // Nothing matched, but a reader that comes back need not look again.
                event(
                        out,
                        "position",
                        Long.toString(position),
                        "{\"cursor\":\"" + position + "\"}");
            }
            out.flush();
            silentSince = System.nanoTime();
        }
    }

    private static void event(OutputStream out, String name, String id, String data)
            throws IOException {
        // JSON text has no line ends of its own: they are escaped in strings.
        out.write(
                ("event: " + name + "\nid: " + id + "\ndata: " + data + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
    }
}
