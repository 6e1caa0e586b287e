package dev.pillion.central.loki;

import dev.pillion.central.access.Access;
import dev.pillion.central.access.Audit;
import dev.pillion.central.access.Grant;
import dev.pillion.central.connect.Endpoint;
import dev.pillion.central.connect.Opening;
import dev.pillion.central.connect.WebSocket;
import dev.pillion.central.query.Asked;
import dev.pillion.central.query.Queries;
import dev.pillion.central.query.QuerySyntax;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.QueryStopped;
import dev.pillion.central.store.ResourceFilter;
import dev.pillion.central.tail.Tails;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code /loki/api/v1/tail}: first the newest records since {@code start}, an hour ago by default,
 * then what comes, each batch a message of streams.
 *
 * @see Tails what each reader does
 */
public final class LokiTail implements Endpoint {

    private static final String PATH = "/loki/api/v1/tail";
    private static final int SWITCHING = 101;
    private static final int DEFAULT_LIMIT = 100;

    /** Records in one message. */
    private static final int MESSAGE = 100;

    private final LogStore store;
    private final Tails tails;
    private final Access access;
    private final Audit audit;
    private final Queries queries;
    private final Clock clock;

    public LokiTail(
            LogStore store, Tails tails, Access access, Audit audit, Queries queries, Clock clock) {
        this.store = store;
        this.tails = tails;
        this.access = access;
        this.audit = audit;
        this.queries = queries;
        this.clock = clock;
    }

    @Override
    public Optional<WebSocket.Speaker> open(Opening opening) {
        if (!opening.path().equals(PATH) || !(access.reading(opening) instanceof Grant grant)) {
            return Optional.empty();
        }
        try {
            LogQl.Lines lines = LogQlParser.parseLines(opening.text("query"));
            long now = TimeUnit.MILLISECONDS.toNanos(clock.millis());
            String start = opening.text("start");
            Selection selection =
                    new Selection(
                            lines.condition(),
                            new ResourceFilter.Both(
                                    List.of(Asked.resources(grant), lines.resources())),
                            start.isEmpty()
                                    ? now - LokiTimes.HOUR
                                    : LokiTimes.time("start", start, now),
                            Long.MAX_VALUE);
            int limit =
                    opening.text("limit").isEmpty()
                            ? DEFAULT_LIMIT
                            : Math.clamp(
                                    Long.parseLong(opening.text("limit")),
                                    0,
                                    queries.limits().page());
            return Optional.of(socket -> speak(socket, opening, grant, selection, limit));
        } catch (QuerySyntax | IllegalArgumentException e) {
            return Optional.empty(); // Said over plain HTTP.
        }
    }

    private void speak(
            WebSocket socket, Opening opening, Grant grant, Selection selection, int limit)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long given = 0;
        try (Tails.Tail tail = tails.open()) {
            Messages messages = new Messages(socket);
            try {
                long last = store.lastNumber();
                given = backfill(messages, selection, last, limit);
                Selection live =
                        new Selection(
                                selection.condition(),
                                selection.resources(),
                                Long.MIN_VALUE,
                                Long.MAX_VALUE);
                tail.follow(messages, live, last, () -> access.stillReads(opening));
            } finally {
                given += tail.given();
            }
        } catch (Tails.Full | Queries.NoTurn | QueryStopped e) {
            return; // Ends it; the client comes again.
        } finally {
            audit.read(grant, opening, SWITCHING, given, System.nanoTime() - begin);
        }
    }

    private long backfill(Messages messages, Selection selection, long last, int limit)
            throws IOException {
        if (limit == 0) {
            return 0;
        }
        Page page =
                queries.ask(
                        deadline ->
                                store.search(selection, Optional.empty(), true, limit, deadline));
        long given = 0;
        for (StoredRecord record : page.records().reversed()) {
            if (record.number() <= last) {
                messages.record(record);
                given++;
            }
        }
        messages.flush();
        return given;
    }

    /** Collects records into messages. */
    private static final class Messages implements Tails.Reader {
        private final WebSocket socket;
        private Streams streams = new Streams(false);
        private int collected;

        Messages(WebSocket socket) {
            this.socket = socket;
        }

        @Override
        public void position(long number) {
            // Loki's clients keep none.
        }

        @Override
        public void gap(long number) throws IOException {
            socket.send(
                    "{\"streams\":[],\"dropped_entries\":[{\"labels\":{},\"timestamp\":\"0\"}]}");
        }

        @Override
        public void record(StoredRecord record) throws IOException {
            streams.add(record);
            if (++collected == MESSAGE) {
                flush();
            }
        }

        @Override
        public void flush() throws IOException {
            if (collected > 0) {
                socket.send("{\"streams\":" + streams.json() + "}");
                streams = new Streams(false);
                collected = 0;
            }
        }

        @Override
        public void silence() throws IOException {
            socket.ping();
        }
    }
}
