package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.journal.Journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The thread {@code seal}: moves full and old chunks from the head into the index of their day,
 * commits, lets the journal forget what is committed, and keeps to retention.
 *
 * @see GroupCommit where the records come from
 */
final class Sealer {

    private static final Logger LOG = Logger.getLogger(Sealer.class.getName());

    private static final long LOOK_EVERY_MILLIS = 250;
    private static final long SHOW_EVERY_NANOS = 2_000_000_000L;
    private static final long RETAIN_EVERY_NANOS = 10_000_000_000L;

    /** Records sealed but not committed, in bytes: a restart has to seal them again. */
    private static final long MAX_UNCOMMITTED = 24 << 20;

    private final StoreSettings settings;
    private final Clock clock;
    private final Journal journal;
    private final Head head;
    private final Days days;
    private final Known known;
    private final GroupCommit requests;
    private final Compaction compaction;
    private final Queue<CompletableFuture<Backup>> wanted = new ConcurrentLinkedQueue<>();
    private final List<Head.Sealed> added = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean noRoom;
    private volatile String failure = "";
    private long shown = System.nanoTime();
    private long committed = System.nanoTime();
    private long retained = System.nanoTime() - RETAIN_EVERY_NANOS;
    private long compacted = System.nanoTime();
    private long uncommitted;

    Sealer(
            StoreSettings settings,
            Clock clock,
            Journal journal,
            Head head,
            Days days,
            Known known,
            GroupCommit requests) {
        this.settings = settings;
        this.clock = clock;
        this.journal = journal;
        this.head = head;
        this.days = days;
        this.known = known;
        this.requests = requests;
        compaction = new Compaction(settings.chunkRecords(), EmbeddedStore.MAX_CHUNK_BYTES);
        thread = Thread.ofPlatform().name("seal").start(this::run);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Whether less is free on the disk than must be. Any thread. */
    boolean noRoom() {
        return noRoom;
    }

    /** Why chunks cannot be written at the moment, or the empty string. Any thread. */
    String failure() {
        return failure;
    }

    /** Ends the thread once all is sealed and committed; only after {@link GroupCommit#close}. */
    void close() throws InterruptedException {
        closed = true;
        thread.join();
    }

    /** The files as they will be in a moment. Whoever asks closes it. Any thread. */
    CompletableFuture<Backup> backup() {
        CompletableFuture<Backup> asked = new CompletableFuture<>();
        wanted.add(asked);
        return asked;
    }

    private void run() {
        while (true) {
            boolean last = closed;
            try {
                boolean idle = round(last);
                failure = "";
                if (last) {
                    return;
                }
                if (idle) {
                    TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
                }
                continue;
            } catch (InterruptedException e) {
                return;
            } catch (IOException | UncheckedIOException e) {
                if (!failure.equals(e.getMessage())) {
                    LOG.log(Level.WARNING, "chunks cannot be written: " + e.getMessage());
                }
                failure = String.valueOf(e.getMessage());
            } catch (RuntimeException e) {
                LOG.log(Level.SEVERE, "the sealer met a bug", e);
                failure = e.toString();
            }
            if (last) {
                return;
            }
            pause();
        }
    }

    /** Does what is due; says whether there was nothing to seal. */
    private boolean round(boolean last) throws IOException {
        boolean crowded = head.bytes() - head.sealedBytes() > settings.headBytes() / 2;
        long openedBefore =
                last || crowded ? Long.MAX_VALUE : clock.millis() - settings.chunkAge().toMillis();
        boolean idle = true;
        for (Head.Sealed chunk : head.seal(openedBefore, journal.replayFrom())) {
            if (!contains(added, chunk)) {
                days.add(chunk);
                added.add(chunk);
                uncommitted += chunk.rows().bytes();
                idle = false;
            }
        }
        long now = System.nanoTime();
        boolean toShow =
                last
                        || crowded
                        || head.sealedBytes() > settings.headBytes() / 4
                        || now - shown > SHOW_EVERY_NANOS;
        if (toShow && (!added.isEmpty() || days.stale())) {
            days.show(added);
            added.clear();
            shown = now;
        }
        if (last
                || uncommitted > MAX_UNCOMMITTED
                || now - committed > settings.commitInterval().toNanos()) {
            commit();
        }
        if (!last && now - compacted > settings.compactInterval().toNanos()) {
            int fewer = days.compact(compaction);
            if (fewer > 0) {
                LOG.info(() -> "joined small chunks: " + fewer + " fewer");
            }
            compacted = now;
        }
        backUp();
        checkRoom();
        if (now - retained > RETAIN_EVERY_NANOS) {
            days.retain(
                    clock.millis() * 1_000_000 / Placed.DAY - settings.maxAge().toDays(),
                    settings.maxBytes());
            retained = now;
        }
        return idle;
    }

    private void backUp() throws IOException {
        CompletableFuture<Backup> asked = wanted.poll();
        if (asked != null) {
            try {
                commit();
                Backup backup = Backup.make(settings.directory(), days, requests);
                if (!asked.complete(backup)) {
                    backup.close();
                }
            } catch (IOException e) {
                asked.completeExceptionally(e);
            }
        }
    }

    private static boolean contains(List<Head.Sealed> added, Head.Sealed chunk) {
        for (Head.Sealed one : added) {
            if (one.rows().data() == chunk.rows().data()) {
                return true;
            }
        }
        return false;
    }

    private static void pause() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit() throws IOException {
        if (days.commit()) {
            // What the journal's older part knew must be safe before that part is deleted.
            known.forgetHashesBefore(
                    TimeUnit.MILLISECONDS.toNanos(clock.millis())
                            - settings.repeatWindow().toNanos());
            // In this order: what comes in between has a number above the last.
            long last = head.lastNumber();
            long below = Math.min(head.lowestNumber(), last + 1);
            new Checkpoint(last + 1, known.marks(), known.hashes()).write(settings.directory());
            requests.forgetBelow(below);
        }
        uncommitted = 0;
        committed = System.nanoTime();
    }

    private void checkRoom() throws IOException {
        boolean low =
                Files.getFileStore(settings.directory()).getUsableSpace() < settings.freeBytes();
        if (low != noRoom) {
            LOG.log(
                    low ? Level.WARNING : Level.INFO,
                    low
                            ? "the disk is nearly full: requests are answered with 503"
                            : "the disk has room again");
            noRoom = low;
        }
    }
}
