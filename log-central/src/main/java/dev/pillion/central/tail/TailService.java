package dev.pillion.central.tail;

import dev.pillion.central.query.Answers;
import dev.pillion.central.query.Asked;
import dev.pillion.central.query.Queries;
import dev.pillion.central.query.RecordJson;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * {@code GET /api/tail}: records as they come, as server-sent events. The cursor is a record's
 * number, its place in the journal.
 *
 * @see Tails what each reader does
 */
public final class TailService implements HttpService {

    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private final LogStore store;
    private final Tails tails;
    private final Queries queries;

    public TailService(LogStore store, Tails tails, Queries queries) {
        this.store = store;
        this.tails = tails;
        this.queries = queries;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", queries.handler(Answers::problem, this::tail));
    }

    private long tail(Asked asked, ServerResponse response) {
        asked.only("query", "cursor");
        Condition condition = asked.condition();
        long after = after(asked);
        try (Tails.Tail tail = tails.open()) {
            response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
            response.header(HeaderNames.CACHE_CONTROL, "no-store");
            try (OutputStream out = response.outputStream()) {
                tail.follow(
                        new Events(out),
                        new Selection(condition, asked.resources(), Long.MIN_VALUE, Long.MAX_VALUE),
                        after,
                        asked::stillAllowed);
            } catch (IOException | UncheckedIOException e) {
                // The reader has gone.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return tail.given();
        } catch (Tails.Full e) {
            response.header(HeaderNames.RETRY_AFTER, "5");
            Answers.problem(response, 429, e.getMessage(), 0);
            return 0;
        }
    }

    private long after(Asked asked) {
        String cursor =
                asked.request()
                        .headers()
                        .first(LAST_EVENT_ID)
                        .orElseGet(() -> asked.text("cursor"));
        try {
            return cursor.isEmpty() ? store.lastNumber() : Long.parseUnsignedLong(cursor);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("cursor: this is not a record's id", e);
        }
    }

    /** Writes server-sent events. JSON text has no line ends of its own: strings escape them. */
    private record Events(OutputStream out) implements Tails.Reader {
        @Override
        public void position(long number) throws IOException {
            event("position", number, "{\"cursor\":\"" + number + "\"}");
        }

        @Override
        public void gap(long number) throws IOException {
            event("gap", number, "{\"after\":\"" + number + "\"}");
        }

        @Override
        public void record(StoredRecord record) throws IOException {
            event("record", record.number(), RecordJson.of(record));
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void silence() throws IOException {
            out.write(": nothing new\n\n".getBytes(StandardCharsets.UTF_8));
        }

        private void event(String name, long id, String data) throws IOException {
            out.write(
                    ("event: " + name + "\nid: " + id + "\ndata: " + data + "\n\n")
                            .getBytes(StandardCharsets.UTF_8));
        }
    }
}
