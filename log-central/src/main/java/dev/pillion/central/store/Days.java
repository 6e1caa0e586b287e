package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.journal.Journal;
import dev.pillion.central.store.LogStore.Selection;

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
import java.util.function.Consumer;
import java.util.logging.Logger;

/**
 * The indices, one a day, and the moment at which records move from the head to them: under the
 * write lock, so that a snapshot, taken under the read lock, has each record once.
 */
final class Days {

    private static final Logger LOG = Logger.getLogger(Days.class.getName());

    /** What is deleted is told beside who read what. */
    private static final Logger AUDIT = Logger.getLogger("audit");

    private final Path directory;
    private final Head head;
    private final TreeMap<Long, DayIndex> days = new TreeMap<>();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile long bytes;
    private volatile long chunks;
    private final AtomicLong damagedDays = new AtomicLong();

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
        if (index.reader().numDocs() > 0 && index.extent().equals(Extent.NONE)) {
            index.close();
            throw new CorruptIndexException("written by another version", path.toString());
        }
        days.put(day, index);
    }

    /**
     * Of each resource the highest number that is in the index of a day. Before others use this.
     */
    Map<Origin, Long> storedNumbers(long day) {
        Map<Origin, Long> numbers = new HashMap<>();
        DayIndex index = days.get(day);
        if (index != null) {
            DayIndex.candidates(
                    index.reader(),
                    new Condition.Everything(),
                    Long.MIN_VALUE,
                    Long.MAX_VALUE,
                    new Space(),
                    chunk -> numbers.merge(chunk.resource(), chunk.last(), Math::max));
        }
        return numbers;
    }

    /** The highest number that is in an index. */
    long lastNumber() {
        return days.values().stream().mapToLong(index -> index.extent().last()).max().orElse(0);
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

    /** Whether readers do not see all that was added or merged. Sealer only. */
    boolean stale() throws IOException {
        for (DayIndex index : days.values()) {
            if (index.stale()) {
                return true;
            }
        }
        return false;
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

    /** Commits what was added or merged; says whether there was anything. Sealer only. */
    boolean commit() throws IOException {
        boolean any = false;
        for (DayIndex index : days.values()) {
            if (index.dirty()) {
                index.commit();
                any = true;
            }
        }
        return any;
    }

    /** Joins small chunks of days that got some; says how many chunks are fewer. Sealer only. */
    int compact(Compaction compaction) throws IOException {
        int fewer = 0;
        for (DayIndex index : days.values()) {
            fewer += index.compact(compaction);
        }
        if (fewer > 0) {
            show(List.of());
        }
        return fewer;
    }

    /** Of each day's folder the files of the last commit. Sealer only. */
    Map<Path, List<Path>> committedFiles() throws IOException {
        Map<Path, List<Path>> files = new HashMap<>();
        for (Map.Entry<Long, DayIndex> day : days.entrySet()) {
            files.put(path(day.getKey()), day.getValue().committedFiles());
        }
        return files;
    }

    /** Deletes days before this one, and the oldest while all take more. Sealer only. */
    void retain(long firstDay, long maxBytes) throws IOException {
        count();
        while (days.size() > 1 && (days.firstKey() < firstDay || bytes > maxBytes)) {
            long day = days.firstKey();
            String rule = day < firstDay ? "central.retention.age" : "central.retention.bytes";
            DayIndex index;
            lock.writeLock().lock();
            try {
                index = days.remove(day);
            } finally {
                lock.writeLock().unlock();
            }
            index.close();
            delete(path(day));
            AUDIT.info(() -> "delete of " + LocalDate.ofEpochDay(day) + " by " + rule);
            count();
        }
    }

    /** Deletes a folder and all that is in it. */
    static void delete(Path path) throws IOException {
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
            // In this order: all up to that number is in the rows or in the indices.
            long lastNumber = head.lastNumber();
            List<Rows> rows = head.rows();
            List<Day> all = new ArrayList<>();
            for (DayIndex index : days.values()) {
                index.reader().incRef();
                all.add(new Day(index.reader(), index.extent()));
            }
            return new Snapshot(lastNumber, rows, all);
        } finally {
            lock.readLock().unlock();
        }
    }

    void close() throws IOException {
        for (DayIndex index : days.values()) {
            index.close();
        }
    }

    /** Whether the chunk's resource is asked for; it is not read if all are. */
    static boolean isAbout(ResourceFilter resources, Chunk chunk) {
        return resources.equals(ResourceFilter.ALL) || resources.includes(chunk.resource());
    }

    private record Day(DirectoryReader reader, Extent extent) {}

    /** What a query works on, and its chunks. Used by one thread, which closes it. */
    static final class Snapshot implements AutoCloseable {
        private final long lastNumber;
        private final List<Rows> rows;
        private final List<Day> days;
        private final Space space = new Space();

        private Snapshot(long lastNumber, List<Rows> rows, List<Day> days) {
            this.lastNumber = lastNumber;
            this.rows = rows;
            this.days = days;
        }

        /**
         * Gives the chunks that may hold a record that is selected, in no order.
         *
         * @param taker is given each for the time of the call
         */
        void each(Selection selection, Consumer<Chunk> taker) {
            Consumer<Chunk> chunks =
                    chunk -> {
                        if (isAbout(selection.resources(), chunk)) {
                            taker.accept(chunk);
                        }
                    };
            for (Rows one : rows) {
                if (one.count() > 0) {
                    HeadChunk chunk = new HeadChunk(one);
                    if (chunk.latest() >= selection.from() && chunk.earliest() < selection.to()) {
                        chunks.accept(chunk);
                    }
                }
            }
            for (Day day : days) {
                if (day.extent().latest() >= selection.from()
                        && day.extent().earliest() < selection.to()) {
                    DayIndex.candidates(
                            day.reader(),
                            selection.condition(),
                            selection.from(),
                            selection.to(),
                            space,
                            chunks);
                }
            }
        }

        /** Gives all chunks that have records of these numbers, both included. */
        void each(long first, long last, Consumer<Chunk> chunks) {
            Consumer<Chunk> inside =
                    chunk -> {
                        if (chunk.last() >= first && chunk.first() <= last) {
                            chunks.accept(chunk);
                        }
                    };
            for (Rows one : rows) {
                if (one.count() > 0) {
                    inside.accept(new HeadChunk(one));
                }
            }
            for (Day day : days) {
                if (day.extent().last() >= first && day.extent().first() <= last) {
                    DayIndex.candidates(
                            day.reader(),
                            new Condition.Everything(),
                            Long.MIN_VALUE,
                            Long.MAX_VALUE,
                            space,
                            inside);
                }
            }
        }

        /** The lowest number there is, or {@code Long.MAX_VALUE}. */
        long firstNumber() {
            long first = Long.MAX_VALUE;
            for (Rows one : rows) {
                first = one.count() > 0 ? Math.min(first, one.first()) : first;
            }
            for (Day day : days) {
                first = Math.min(first, day.extent().first());
            }
            return first;
        }

        /** The number up to which this has every record there is. */
        long lastNumber() {
            return lastNumber;
        }

        @Override
        public void close() {
            space.close();
            for (Day day : days) {
                try {
                    day.reader().decRef();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
