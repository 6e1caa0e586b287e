package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.LogsDecoder;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.journal.Entry;
import dev.pillion.central.journal.Journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * Reads the journal again at a start: what it has and the indices have not goes to the head.
 * Requests are decoded side by side and applied in their order. Runs before any other thread of the
 * store.
 */
final class Replay {

    private static final Logger LOG = Logger.getLogger(Replay.class.getName());

    /** Requests that are decoded ahead. */
    private static final int AHEAD = 8;

    /** Bytes of them as they were sent: large ones are decoded one by one. */
    private static final long AHEAD_BYTES = 1 << 20;

    /** What was accepted once is read again whatever the limits are now. */
    private static final IngestLimits NO_LIMITS =
            new IngestLimits(Integer.MAX_VALUE - 8, Integer.MAX_VALUE - 8, Integer.MAX_VALUE, 1000);

    private final StoreSettings settings;
    private final Head head;
    private final Days days;
    private final Known known;
    private final Map<Long, Map<Origin, Long>> stored = new HashMap<>();
    private final Queue<Decoded> decoded = new ArrayDeque<>();
    private long next;
    private int entries;
    private long ahead;

    private record Decoded(Entry entry, Future<Batch> batch) {}

    /**
     * @param next the number that follows what the indices have
     */
    Replay(StoreSettings settings, Head head, Days days, Known known, long next) {
        this.settings = settings;
        this.head = head;
        this.days = days;
        this.known = known;
        this.next = next;
    }

    /** Reads all; returns the number that follows the last record. */
    long run(Journal journal) throws IOException {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            journal.replay(
                    entry -> {
                        entries++;
                        decoded.add(new Decoded(entry, threads.submit(() -> decode(entry))));
                        ahead += entry.sent().length;
                        while (decoded.size() > AHEAD
                                || (decoded.size() > 1 && ahead > AHEAD_BYTES)) {
                            apply(decoded.remove());
                        }
                    });
            while (!decoded.isEmpty()) {
                apply(decoded.remove());
            }
        }
        if (entries > 0 || journal.lostBytes() > 0) {
            LOG.info(
                    () ->
                            "journal read again: "
                                    + entries
                                    + " requests, "
                                    + journal.lostBytes()
                                    + " bytes of an unfinished or damaged end left out");
        }
        return next;
    }

    private static Batch decode(Entry entry) {
        byte[] body = Body.protobuf(entry.sent(), entry.encoding(), entry.format(), NO_LIMITS);
        return LogsDecoder.decode(body, NO_LIMITS, entry.refused());
    }

    private void apply(Decoded one) {
        Entry entry = one.entry();
        ahead -= entry.sent().length;
        Batch batch;
        try {
            batch = one.batch().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the journal was read", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the journal has a request that cannot be read", e);
        }
        Known.Change change = new Known.Change();
        known.repeats(batch, entry.hash(), entry.received(), change);
        known.apply(change);
        Placed placed =
                new Placed(
                        batch,
                        entry.skipped(),
                        entry.first(),
                        entry.received(),
                        settings.maxAge().toDays(),
                        this::storedNumber);
        head.add(batch, placed, TimeUnit.NANOSECONDS.toMillis(entry.received()));
        next = Math.max(next, entry.first() + batch.size() - entry.skipped().length);
        if (head.bytes() > 2 * settings.headBytes()) {
            try {
                makeRoom();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * The sealer does not run yet, and a journal may hold more than memory does. Writes no more
     * chunks than it must: a start waits for it.
     */
    private void makeRoom() throws IOException {
        List<Head.Sealed> full = head.seal(Long.MIN_VALUE, 0);
        if (full.isEmpty()) {
            full = head.seal(Long.MAX_VALUE, 0);
        }
        List<Head.Sealed> written = new ArrayList<>();
        long room = settings.headBytes() / 4;
        for (Head.Sealed chunk : full) {
            if (room > 0) {
                days.add(chunk);
                written.add(chunk);
                room -= chunk.rows().memory();
            }
        }
        days.show(written);
    }

    private long storedNumber(Origin resource, long day) {
        return stored.computeIfAbsent(day, days::storedNumbers).getOrDefault(resource, -1L);
    }
}
