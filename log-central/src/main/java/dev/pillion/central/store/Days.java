package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.journal.Journal;

import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.logging.Logger;

/**
 * The indices, one a day, and the moment at which records move from the head to them: under the
 * write lock, so that a snapshot, taken under the read lock, has each record once.
 */
final class Days {

    private static final Logger LOG = Logger.getLogger(Days.class.getName());

    private final Path directory;
    private final Head head;
    private final TreeMap<Long, DayIndex> days = new TreeMap<>();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<Stream, Long> storedNumbers = new HashMap<>();
    private long lastNumber;
    private volatile long bytes;
    private volatile long chunks;
    private final AtomicLong damagedDays = new AtomicLong();

    /** The records of one resource on one day. */
    record Stream(Origin resource, long day) {}

    Days(Path directory, Head head) throws IOException {
        this.directory = directory;
        this.head = head;
        Files.createDirectories(directory);
        try (var entries = Files.list(directory)) {
            for (Path path : entries.toList()) {
                Optional<Long> day = day(path);
                if (day.isPresent()) {
                    openOrSetAside(day.get(), path);
                }
            }
        }
        count();
    }

    private static Optional<Long> day(Path path) {
        try {
            return Optional.of(LocalDate.parse(path.getFileName().toString()).toEpochDay());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** A day that cannot be read must not keep the others from being read. */
    private void openOrSetAside(long day, Path path) throws IOException {
        try {
            open(day, path);
        } catch (CorruptIndexException | IndexFormatTooOldException | IndexNotFoundException e) {
            days.remove(day);
            Path aside = path.resolveSibling(path.getFileName() + ".damaged-" + System.nanoTime());
            Files.move(path, aside);
            damagedDays.incrementAndGet();
            LOG.warning(
                    () -> path + " is damaged and was moved to " + aside + ": " + e.getMessage());
        }
    }

    /** Chunks and days left out of answers because they are damaged. */
    long damaged() {
        return damagedDays.get() + Damage.chunks();
    }

    private void open(long day, Path path) throws IOException {
        DayIndex index = new DayIndex(path);
        days.put(day, index);
        DayIndex.candidates(
                index.reader(),
                new Condition.Everything(),
                chunk -> {
                    storedNumbers.merge(new Stream(chunk.resource(), day), chunk.last(), Math::max);
                    lastNumber = Math.max(lastNumber, chunk.last());
                });
    }

    /** Of each resource and day, the highest number that was committed when this was opened. */
    Map<Stream, Long> storedNumbers() {
        return storedNumbers;
    }

    /** The highest number that was committed when this was opened. */
    long lastNumber() {
        return lastNumber;
    }

    /** Writes a chunk into the index of its day. Sealer only. */
    void add(Head.Sealed chunk) throws IOException {
        DayIndex index = days.get(chunk.day());
        if (index == null) {
            index = new DayIndex(path(chunk.day()));
            Journal.syncDirectory(directory);
            lock.writeLock().lock();
            try {
                days.put(chunk.day(), index);
            } finally {
                lock.writeLock().unlock();
            }
        }
        index.add(chunk.rows());
    }

    private Path path(long day) {
        return directory.resolve(LocalDate.ofEpochDay(day).toString());
    }

    /** Makes added chunks readable here and forgets them in the head. Sealer only. */
    void show(List<Head.Sealed> added) throws IOException {
        Map<DayIndex, DirectoryReader> fresh = new HashMap<>();
        for (DayIndex index : days.values()) {
            if (index.stale()) {
                DirectoryReader newer = index.refreshed();
                if (newer != null) {
                    fresh.put(index, newer);
                }
            }
        }
        lock.writeLock().lock();
        try {
            for (Map.Entry<DayIndex, DirectoryReader> one : fresh.entrySet()) {
                one.getKey().swap(one.getValue());
            }
            head.drop(added);
        } finally {
            lock.writeLock().unlock();
        }
        count();
    }

    /** Commits what was added; says whether there was anything. Sealer only. */
    boolean commit() throws IOException {
        boolean any = false;
        for (DayIndex index : days.values()) {
            if (index.dirty()) {
                index.commit(Map.of("journal.number", Long.toString(head.lastNumber())));
                any = true;
            }
        }
        return any;
    }

    /** Deletes days before this one, and the oldest while all take more. Sealer only. */
    void retain(long firstDay, long maxBytes) throws IOException {
        count();
        while (days.size() > 1 && (days.firstKey() < firstDay || bytes > maxBytes)) {
            long day = days.firstKey();
            DayIndex index;
            lock.writeLock().lock();
            try {
                index = days.remove(day);
            } finally {
                lock.writeLock().unlock();
            }
            index.close();
            delete(path(day));
            LOG.info(() -> "deleted the logs of " + LocalDate.ofEpochDay(day));
            count();
        }
    }

    private static void delete(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void count() throws IOException {
        long sum = 0;
        try (var files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                sum += size(file);
            }
        }
        bytes = sum;
        long documents = 0;
        for (DayIndex index : days.values()) {
            documents += index.reader().numDocs();
        }
        chunks = documents;
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            // A merge deleted it meanwhile.
            return 0;
        }
    }

    long bytes() {
        return bytes;
    }

    long chunks() {
        return chunks;
    }

    /** All there is now, as it stays until the snapshot is closed. */
    Snapshot snapshot() {
        lock.readLock().lock();
        try {
            List<Rows> rows = head.rows();
            List<DirectoryReader> readers = new ArrayList<>();
            for (DayIndex index : days.values()) {
                index.reader().incRef();
                readers.add(index.reader());
            }
            return new Snapshot(rows, readers);
        } finally {
            lock.readLock().unlock();
        }
    }

    void close() throws IOException {
        for (DayIndex index : days.values()) {
            index.close();
        }
    }

    /** What a query works on. Closed by the query. */
    static final class Snapshot implements AutoCloseable {
        private final List<Rows> rows;
        private final List<DirectoryReader> readers;

        private Snapshot(List<Rows> rows, List<DirectoryReader> readers) {
            this.rows = rows;
            this.readers = readers;
        }

        /** The chunks that may hold a record for which the condition is true. */
        List<Chunk> chunks(Condition condition) {
            List<Chunk> chunks = new ArrayList<>();
            for (Rows one : rows) {
                if (one.count() > 0) {
                    chunks.add(new HeadChunk(one));
                }
            }
            for (DirectoryReader reader : readers) {
                DayIndex.candidates(reader, condition, chunks::add);
            }
            return chunks;
        }

        @Override
        public void close() {
            for (DirectoryReader reader : readers) {
                try {
                    reader.decRef();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
