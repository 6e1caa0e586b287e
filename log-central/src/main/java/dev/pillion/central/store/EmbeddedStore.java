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
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The store on this machine's disk: journal, head, and an index a day.
 *
 * <p>One thread, {@code journal}, takes all requests that wait, decides what of them is new, writes
 * them, syncs once for all, makes them readable and answers. Another, {@code seal}, moves full and
 * old chunks from the head into the index of their day, commits, and lets the journal forget what
 * is committed. Readers work on a {@link Snapshot}.
 */
public final class EmbeddedStore implements LogStore {

    private static final Logger LOG = Logger.getLogger(EmbeddedStore.class.getName());

    static final long DAY = 86_400_000_000_000L;

    private static final int MAX_WAITING = 64;
    private static final int MAX_CHUNK_BYTES = 2 << 20;
    private static final long MAX_SEGMENT_BYTES = 64 << 20;

    /** A segment of this size ends at a commit, so that a restart reads little again. */
    private static final long ROLL_BYTES = 2 << 20;

    private static final int MAX_FILES = 200_000;
    private static final int MAX_HASHES = 100_000;
    private static final long SEAL_EVERY_MILLIS = 250;
    private static final long DROP_EVERY_NANOS = 2_000_000_000L;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_DISK = Duration.ofSeconds(10);

    /** What was accepted once is read again whatever the limits are now. */
    private static final IngestLimits NO_LIMITS =
            new IngestLimits(Integer.MAX_VALUE - 8, Integer.MAX_VALUE - 8, Integer.MAX_VALUE, 1000);

    private final StoreSettings settings;
    private final Clock clock;
    private final FileChannel lockFile;
    private final Journal journal;
    private final Head head;
    private final Days days;
    private final Known known;
    private final Reading reading;
    private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread writer;
    private final Thread sealer;
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong repeats = new AtomicLong();
    private volatile boolean closed;
    private volatile long forgetBelow;
    private volatile boolean noRoom;
    private volatile String failure = "";
    private long next;

    private record Waiting(Request request, CompletableFuture<Receipt> answer) {}

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Planned(Waiting waiting, int[] skipped, long first, int kept, long received) {}

    /**
     * Opens what is there, or begins.
     *
     * @throws IOException with one line for a person if the folder cannot be used
     */
    public EmbeddedStore(StoreSettings settings, Clock clock) throws IOException {
        this.settings = settings;
        this.clock = clock;
        Files.createDirectories(settings.directory());
        lockFile = lock(settings.directory());
        journal =
                new Journal(
                        settings.directory().resolve("journal"),
                        Math.clamp(settings.journalBytes() / 8, 1 << 16, MAX_SEGMENT_BYTES));
        head = new Head(settings.chunkRecords(), MAX_CHUNK_BYTES);
        days = new Days(settings.directory().resolve("days"), head);
        known = new Known(MAX_FILES, MAX_HASHES, settings.repeatWindow().toNanos());
        Checkpoint checkpoint = Checkpoint.read(settings.directory());
        known.restore(checkpoint.marks(), checkpoint.hashes());
        next = Math.max(checkpoint.next(), days.lastNumber() + 1);
        replay();
        head.startAfter(next - 1);
        reading = new Reading(days);
        writer = Thread.ofPlatform().name("journal").start(this::write);
        sealer = Thread.ofPlatform().name("seal").start(this::sealAll);
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel file =
                FileChannel.open(
                        directory.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            FileLock lock = file.tryLock();
            if (lock != null) {
                return file;
            }
        } catch (OverlappingFileLockException e) {
            // Said below.
        }
        file.close();
        throw new IOException(directory + " is in use by another log-central");
    }

    private void replay() throws IOException {
        Map<Days.Stream, Long> stored = days.storedNumbers();
        int[] entries = {0};
        journal.replay(
                entry -> {
                    entries[0]++;
                    replay(entry, stored);
                });
        if (entries[0] > 0 || journal.lostBytes() > 0) {
            LOG.info(
                    () ->
                            "journal read again: "
                                    + entries[0]
                                    + " requests, "
                                    + journal.lostBytes()
                                    + " bytes of an unfinished or damaged end left out");
        }
    }

    private void replay(Entry entry, Map<Days.Stream, Long> stored) {
        byte[] body = Body.protobuf(entry.sent(), entry.encoding(), entry.format(), NO_LIMITS);
        Batch batch = LogsDecoder.decode(body, NO_LIMITS, entry.refused());
        Known.Change change = new Known.Change();
        known.repeats(batch, entry.hash(), entry.received(), change);
        known.apply(change);
        Placed placed = new Placed(batch, entry.skipped(), entry.first(), entry.received(), stored);
        head.add(batch, placed, TimeUnit.NANOSECONDS.toMillis(entry.received()));
        next = Math.max(next, entry.first() + batch.size() - entry.skipped().length);
        if (head.bytes() > settings.headBytes()) {
            // The sealer does not run yet, and a journal may hold more than memory does.
            try {
                List<Head.Sealed> full = head.seal(Long.MAX_VALUE);
                for (Head.Sealed chunk : full) {
                    days.add(chunk);
                }
                days.show(full);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Numbers and days of a batch's records. */
    private final class Placed implements Head.Placing {
        private final Batch batch;
        private final long[] numbers;
        private final long received;
        private final Map<Days.Stream, Long> stored;

        Placed(
                Batch batch,
                int[] skipped,
                long first,
                long received,
                Map<Days.Stream, Long> stored) {
            this.batch = batch;
            this.received = received;
            this.stored = stored;
            numbers = new long[batch.size()];
            long number = first;
            int skip = 0;
            for (int i = 0; i < numbers.length; i++) {
                if (skip < skipped.length && skipped[skip] == i) {
                    numbers[i] = -1;
                    skip++;
                } else {
                    numbers[i] = number++;
                }
            }
        }

        @Override
        public long number(int index) {
            return numbers[index];
        }

        @Override
        public long time(int index) {
            long time = batch.times()[index];
            return time > 0 ? time : received;
        }

        @Override
        public long day(int index) {
            // A wrong clock must not make a thousand indices, nor one that is never deleted.
            long today = received / DAY;
            return Math.clamp(time(index) / DAY, today - settings.maxAge().toDays(), today + 1);
        }

        @Override
        public boolean stored(Origin resource, long day, long number) {
            return !stored.isEmpty()
                    && stored.getOrDefault(new Days.Stream(resource, day), -1L) >= number;
        }
    }

    @Override
    public CompletableFuture<Receipt> append(Request request) {
        CompletableFuture<Receipt> answer = new CompletableFuture<>();
        Optional<NotTaken> full = full();
        if (full.isPresent()) {
            answer.completeExceptionally(full.get());
        } else if (!waiting.offer(new Waiting(request, answer))) {
            answer.completeExceptionally(
                    new NotTaken(NotTaken.Kind.BUSY, "too many requests wait", RETRY));
        }
        return answer;
    }

    private Optional<NotTaken> full() {
        if (closed) {
            return notTaken(NotTaken.Kind.NO_ROOM, "log-central is stopping", RETRY);
        }
        if (noRoom) {
            return notTaken(
                    NotTaken.Kind.NO_ROOM,
                    "less than "
                            + settings.freeBytes()
                            + " bytes are free on the disk (central.store.free-bytes)",
                    RETRY_DISK);
        }
        if (head.bytes() > 2 * settings.headBytes()) {
            return notTaken(
                    NotTaken.Kind.BUSY, "the head is full (central.head.bytes)" + failure, RETRY);
        }
        if (journal.bytes() > settings.journalBytes()) {
            return notTaken(
                    NotTaken.Kind.BUSY,
                    "the journal is full (central.journal.bytes)" + failure,
                    RETRY);
        }
        return Optional.empty();
    }

    private static Optional<NotTaken> notTaken(NotTaken.Kind kind, String why, Duration retry) {
        return Optional.of(new NotTaken(kind, why, retry));
    }

    // The journal's thread.

    private void write() {
        List<Waiting> group = new ArrayList<>();
        while (true) {
            try {
                Waiting first = waiting.poll(500, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    waiting.drainTo(group);
                    write(group);
                } else if (closed) {
                    return;
                }
                forget();
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
                        new Placed(batch, one.skipped(), one.first(), one.received(), Map.of()),
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

    // The sealer's thread.

    private void sealAll() {
        List<Head.Sealed> added = new ArrayList<>();
        long dropped = System.nanoTime();
        long committed = System.nanoTime();
        long kept = 0;
        while (true) {
            try {
                boolean last = closed && !writer.isAlive();
                boolean pressed =
                        head.bytes() > settings.headBytes()
                                || journal.bytes() > settings.journalBytes() / 2;
                long sealBefore =
                        last || pressed
                                ? Long.MAX_VALUE
                                : clock.millis() - settings.chunkAge().toMillis();
                for (Head.Sealed chunk : head.seal(sealBefore)) {
                    if (!contains(added, chunk)) {
                        days.add(chunk);
                        added.add(chunk);
                    }
                }
                long now = System.nanoTime();
                if (!added.isEmpty()
                        && (last
                                || pressed
                                || head.sealedBytes() > settings.headBytes() / 4
                                || now - dropped > DROP_EVERY_NANOS)) {
                    days.show(added);
                    added.clear();
                    dropped = now;
                }
                if (last
                        || (pressed && journal.bytes() > settings.journalBytes() / 2)
                        || now - committed > settings.commitInterval().toNanos()) {
                    commit();
                    committed = now;
                }
                checkRoom();
                if (now - kept > 0) {
                    days.retain(
                            clock.millis() * 1_000_000 / DAY - settings.maxAge().toDays(),
                            settings.maxBytes());
                    kept = now + TimeUnit.SECONDS.toNanos(10);
                }
                failure = "";
                if (last) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(SEAL_EVERY_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (IOException | UncheckedIOException e) {
                if (!failure.equals("; " + e.getMessage())) {
                    LOG.log(Level.WARNING, "chunks cannot be written: " + e.getMessage());
                }
                failure = "; " + e.getMessage();
                if (closed) {
                    return;
                }
                pause();
            } catch (RuntimeException e) {
                LOG.log(Level.SEVERE, "the sealer met a bug", e);
                failure = "; " + e;
                if (closed) {
                    return;
                }
                pause();
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
            known.forgetHashesBefore(now() - settings.repeatWindow().toNanos());
            // In this order: what comes in between has a number above the last.
            long last = head.lastNumber();
            long below = Math.min(head.lowestNumber(), last + 1);
            new Checkpoint(last + 1, known.marks(), known.hashes()).write(settings.directory());
            forgetBelow = below;
        }
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

    // Readers' threads.

    @Override
    public Page search(
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst,
            int limit,
            Deadline deadline) {
        return reading.search(selection, after, newestFirst, limit, deadline);
    }

    @Override
    public List<Bucket> histogram(Selection selection, long interval, Deadline deadline) {
        return reading.histogram(selection, interval, deadline);
    }

    @Override
    public Map<String, List<ValueCount>> facets(
            Selection selection, List<String> fields, int top, Deadline deadline) {
        return reading.facets(selection, fields, top, deadline);
    }

    @Override
    public List<StoredRecord> context(
            long number, ResourceFilter resources, int before, int after, Deadline deadline) {
        return reading.context(number, resources, before, after, deadline);
    }

    @Override
    public Since since(long number, Selection selection, int limit, Deadline deadline) {
        return reading.since(number, selection, limit, deadline);
    }

    @Override
    public boolean awaitAfter(long number, long timeoutMillis) throws InterruptedException {
        return head.awaitAfter(number, timeoutMillis);
    }

    @Override
    public long lastNumber() {
        return head.lastNumber();
    }

    @Override
    public List<SourceSummary> sources(
            ResourceFilter resources, long from, long to, int limit, Deadline deadline) {
        return reading.sources(resources, from, to, limit, deadline);
    }

    @Override
    public List<FileMark> files(List<String> ids, int limit) {
        return known.files(ids, limit);
    }

    @Override
    public StoreFigures figures() {
        return new StoreFigures(
                kept.get(),
                repeats.get(),
                head.bytes(),
                journal.bytes(),
                days.bytes(),
                days.chunks(),
                journal.lostBytes(),
                days.damaged());
    }

    /** Whether the threads that everything depends on are alive. */
    public boolean alive() {
        return writer.isAlive() && sealer.isAlive();
    }

    /** Why chunks cannot be written at the moment, or the empty string. */
    public String failure() {
        return failure.isEmpty() ? "" : failure.substring(2);
    }

    @Override
    public void close() {
        closed = true;
        try {
            writer.join();
            sealer.join();
            journal.close();
            days.close();
            lockFile.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing: " + e.getMessage());
        }
    }
}
