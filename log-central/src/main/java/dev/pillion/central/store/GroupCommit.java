package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.ingest.Batch;
import dev.pillion.central.journal.Entry;
import dev.pillion.central.journal.Journal;
import dev.pillion.central.store.LogStore.Receipt;
import dev.pillion.central.store.LogStore.Request;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The thread {@code journal}: takes all requests that wait, decides what of them is new, writes
 * them, syncs once for all, makes them readable and answers. It alone touches the journal.
 *
 * @see Sealer where the records go next
 */
final class GroupCommit {

    private static final Logger LOG = Logger.getLogger(GroupCommit.class.getName());

    private static final int MAX_WAITING = 64;
    private static final long LOOK_EVERY_MILLIS = 500;

    /** A segment of this size ends at a commit, so that a restart reads little again. */
    private static final long ROLL_BYTES = 2 << 20;

    static final Duration RETRY = Duration.ofSeconds(1);
    static final Duration RETRY_DISK = Duration.ofSeconds(10);

    private final StoreSettings settings;
    private final Clock clock;
    private final Journal journal;
    private final Head head;
    private final Known known;
    private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicReference<CompletableFuture<List<Path>>> wanted = new AtomicReference<>();
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong repeats = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;
    private volatile long forgetBelow;
    private long next;

    private record Waiting(Request request, CompletableFuture<Receipt> answer) {}

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Planned(Waiting waiting, int[] skipped, long first, int kept, long received) {}

    /**
     * @param next the number of the next record
     */
    GroupCommit(
            StoreSettings settings,
            Clock clock,
            Journal journal,
            Head head,
            Known known,
            long next) {
        this.settings = settings;
        this.clock = clock;
        this.journal = journal;
        this.head = head;
        this.known = known;
        this.next = next;
        thread = Thread.ofPlatform().name("journal").start(this::run);
    }

    /** Any thread. */
    CompletableFuture<Receipt> append(Request request) {
        CompletableFuture<Receipt> answer = new CompletableFuture<>();
        if (!waiting.offer(new Waiting(request, answer))) {
            answer.completeExceptionally(
                    new NotTaken(NotTaken.Kind.BUSY, "too many requests wait", RETRY));
        }
        return answer;
    }

    /** Records that are safe since the start. */
    long kept() {
        return kept.get();
    }

    /** Records since the start that were safe already. */
    long repeats() {
        return repeats.get();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** What the journal has below this number is safe elsewhere. Any thread. */
    void forgetBelow(long number) {
        forgetBelow = number;
    }

    /** Files that hold all entries up to now and do not change any more. Any thread. */
    CompletableFuture<List<Path>> endedSegments() {
        return wanted.updateAndGet(before -> before != null ? before : new CompletableFuture<>());
    }

    /** Ends the thread once all that waits is answered. */
    void close() throws InterruptedException {
        closed = true;
        thread.join();
    }

    private void run() {
        List<Waiting> group = new ArrayList<>();
        while (true) {
            try {
                Waiting first = waiting.poll(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    waiting.drainTo(group);
                    write(group);
                } else if (closed) {
                    return;
                }
                forget();
                endSegments();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.SEVERE, "the journal's thread met a bug", e);
                group.forEach(one -> one.answer().completeExceptionally(e));
            } finally {
                group.clear();
            }
        }
    }

    private void write(List<Waiting> group) {
        Known.Change change = new Known.Change();
        List<Planned> planned = new ArrayList<>(group.size());
        long number = next;
        try {
            for (Waiting one : group) {
                Request request = one.request();
                long received = now();
                int[] skipped = known.repeats(request.batch(), request.hash(), received, change);
                int count = request.batch().size() - skipped.length;
                if (count > 0) {
                    journal.append(
                            new Entry(
                                    number,
                                    received,
                                    request.hash(),
                                    request.encoding(),
                                    request.format(),
                                    skipped,
                                    refused(request.batch()),
                                    request.sent()));
                }
                planned.add(new Planned(one, skipped, number, count, received));
                number += count;
            }
            journal.sync();
        } catch (IOException e) {
            journal.rollBack();
            LOG.log(Level.WARNING, "the journal cannot be written: " + e.getMessage());
            NotTaken notTaken =
                    new NotTaken(
                            NotTaken.Kind.NO_ROOM,
                            "the journal cannot be written: " + e.getMessage(),
                            RETRY_DISK);
            group.forEach(one -> one.answer().completeExceptionally(notTaken));
            return;
        }
        next = number;
        known.apply(change);
        long millis = clock.millis();
        for (Planned one : planned) {
            Batch batch = one.waiting().request().batch();
            if (one.kept() > 0) {
                head.add(
                        batch,
                        new Placed(
                                batch,
                                one.skipped(),
                                one.first(),
                                one.received(),
                                settings.maxAge().toDays(),
                                Placed.Stored.NOTHING),
                        millis);
            }
            kept.addAndGet(one.kept());
            repeats.addAndGet(one.skipped().length);
            one.waiting().answer().complete(new Receipt(one.kept(), one.skipped().length));
        }
    }

    private static int[] refused(Batch batch) {
        return batch.rejections().stream().mapToInt(Batch.Rejection::index).toArray();
    }

    private void forget() {
        long below = forgetBelow;
        if (below > 0) {
            forgetBelow = 0;
            try {
                if (journal.segmentSize() > ROLL_BYTES
                        || journal.bytes() > settings.journalBytes() / 2) {
                    journal.roll(next);
                }
                journal.truncate(below);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a journal segment cannot be deleted: " + e.getMessage());
            }
        }
    }

    private long now() {
        return TimeUnit.MILLISECONDS.toNanos(clock.millis());
    }

    private void endSegments() {
        CompletableFuture<List<Path>> asked = wanted.getAndSet(null);
        if (asked != null) {
            try {
                asked.complete(journal.ended(next));
            } catch (IOException e) {
                asked.completeExceptionally(e);
            }
        }
    }
}
