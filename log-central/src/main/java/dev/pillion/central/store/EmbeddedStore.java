package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.journal.Journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The store on this machine's disk: journal, head, and an index a day. One thread takes requests in
 * ({@link GroupCommit}), one moves records to the disk ({@link Sealer}), a few answer questions
 * ({@link QueryThreads}), each on a {@link Days.Snapshot}.
 */
public final class EmbeddedStore implements LogStore {

    private static final Logger LOG = Logger.getLogger(EmbeddedStore.class.getName());

    static final int MAX_CHUNK_BYTES = 2 << 20;
    private static final int MAX_FILES = 200_000;
    private static final int MAX_HASHES = 100_000;

    private static final long BACKUP_WITHIN_SECONDS = 60;

    /** Tails look at little, but must not wait behind long questions. */
    private static final int TAIL_THREADS = 2;

    private final StoreSettings settings;
    private final FileChannel lockFile;
    private final Journal journal;
    private final Head head;
    private final Days days;
    private final Known known;
    private final Search search;
    private final Counts counts;
    private final QueryThreads queries;
    private final QueryThreads tails = QueryThreads.atMost(TAIL_THREADS, "tail");
    private final GroupCommit requests;
    private final Sealer sealer;
    private volatile boolean closed;

    /**
     * Opens what is there, or begins.
     *
     * @throws IOException with one line for a person if the folder cannot be used
     */
    public EmbeddedStore(StoreSettings settings, Clock clock) throws IOException {
        this.settings = settings;
        Files.createDirectories(settings.directory());
        lockFile = lock(settings.directory());
        Backup.deleteOld(settings.directory());
        journal =
                new Journal(
                        settings.directory().resolve("journal"),
                        Math.max(settings.replayBytes() / 4, 1 << 16),
                        settings.replayBytes());
        head = new Head(settings.chunkRecords(), MAX_CHUNK_BYTES);
        days = new Days(settings.directory().resolve("days"), head);
        known = new Known(MAX_FILES, MAX_HASHES, settings.repeatWindow().toNanos());
        Checkpoint checkpoint = Checkpoint.read(settings.directory());
        known.restore(checkpoint.marks(), checkpoint.hashes());
        long next = Math.max(checkpoint.next(), days.lastNumber() + 1);
        next = new Replay(settings, head, days, known, next).run(journal);
        head.startAfter(next - 1);
        search = new Search(days);
        counts = new Counts(days);
        queries = QueryThreads.asMany("query");
        requests = new GroupCommit(settings, clock, journal, head, known, next);
        sealer = new Sealer(settings, clock, journal, head, days, known, requests);
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

    @Override
    public CompletableFuture<Receipt> append(Request request, Duration patience)
            throws InterruptedException {
        Optional<NotTaken> full = full(patience);
        return full.isPresent()
                ? CompletableFuture.failedFuture(full.get())
                : requests.append(request);
    }

    private Optional<NotTaken> full(Duration patience) throws InterruptedException {
        if (closed) {
            return notTaken(NotTaken.Kind.NO_ROOM, "log-central is stopping", GroupCommit.RETRY);
        }
        if (sealer.noRoom()) {
            return notTaken(
                    NotTaken.Kind.NO_ROOM,
                    "less than "
                            + settings.freeBytes()
                            + " bytes are free on the disk (central.store.free-bytes)",
                    GroupCommit.RETRY_DISK);
        }
        if (!head.awaitAtMost(2 * settings.headBytes(), patience)) {
            return notTaken(
                    NotTaken.Kind.BUSY,
                    "the head is full (central.head.bytes)" + because(),
                    GroupCommit.RETRY);
        }
        if (journal.bytes() > settings.journalBytes()) {
            return notTaken(
                    NotTaken.Kind.BUSY,
                    "the journal is full (central.journal.bytes)" + because(),
                    GroupCommit.RETRY);
        }
        return Optional.empty();
    }

    private static Optional<NotTaken> notTaken(NotTaken.Kind kind, String why, Duration retry) {
        return Optional.of(new NotTaken(kind, why, retry));
    }

    private String because() {
        return sealer.failure().isEmpty() ? "" : "; " + sealer.failure();
    }

    @Override
    public Page search(
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst,
            int limit,
            Deadline deadline) {
        return queries.ask(
                deadline, () -> search.page(selection, after, newestFirst, limit, deadline));
    }

    @Override
    public List<Bucket> histogram(Selection selection, long interval, Deadline deadline) {
        return queries.ask(deadline, () -> counts.histogram(selection, interval, deadline));
    }

    @Override
    public Map<String, List<ValueCount>> facets(
            Selection selection, List<String> fields, int top, Deadline deadline) {
        return queries.ask(deadline, () -> counts.facets(selection, fields, top, deadline));
    }

    @Override
    public List<StoredRecord> context(
            long number, ResourceFilter resources, int before, int after, Deadline deadline) {
        return queries.ask(
                deadline, () -> search.context(number, resources, before, after, deadline));
    }

    @Override
    public Since since(long number, Selection selection, int limit, Deadline deadline) {
        return tails.ask(deadline, () -> search.since(number, selection, limit, deadline));
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
        return queries.ask(deadline, () -> counts.sources(resources, from, to, limit, deadline));
    }

    @Override
    public List<FileMark> files(Collection<String> ids, Set<String> namespaces, int limit) {
        return known.files(ids, namespaces, limit);
    }

    @Override
    public StoreFigures figures() {
        return new StoreFigures(
                requests.kept(),
                requests.repeats(),
                head.bytes(),
                journal.bytes(),
                days.bytes(),
                days.chunks(),
                journal.lostBytes(),
                days.damaged());
    }

    /**
     * The store's files as they are, while it goes on.
     *
     * @return to be closed by the caller
     * @throws IOException if they cannot be linked, or not soon
     */
    public Backup backup() throws IOException, InterruptedException {
        CompletableFuture<Backup> asked = sealer.backup();
        try {
            return asked.get(BACKUP_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            asked.cancel(false);
            throw new IOException("the store is too busy for a backup", e);
        }
    }

    /** Whether the threads that everything depends on are alive. */
    public boolean alive() {
        return requests.isAlive() && sealer.isAlive();
    }

    /** Why chunks cannot be written at the moment, or the empty string. */
    public String failure() {
        return sealer.failure();
    }

    @Override
    public void close() {
        closed = true;
        try {
            requests.close();
            sealer.close();
            queries.close();
            tails.close();
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
