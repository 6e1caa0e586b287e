package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.Since;
import dev.pillion.central.store.LogStore.StoredRecord;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds records on a snapshot: passes chunks by where what they say of themselves allows it, and
 * takes only the first of each. Runs on the asking thread.
 *
 * @see Counts how many
 */
final class Search {

    /** What a record's order is: its time, then its number. */
    private static final Comparator<StoredRecord> ORDER =
            Comparator.comparingLong(StoredRecord::time).thenComparingLong(StoredRecord::number);

    private static final Comparator<StoredRecord> ARRIVAL =
            Comparator.comparingLong(StoredRecord::number);

    /** Records on either side among which a record's neighbours are looked for at first. */
    private static final long FIRST_REACH = 4096;

    /** How much further each look reaches if there were too few. */
    private static final int FURTHER = 8;

    private final Days days;

    Search(Days days) {
        this.days = days;
    }

    Page page(
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst,
            int limit,
            Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        Comparator<StoredRecord> order = newestFirst ? ORDER.reversed() : ORDER;
        Nearest nearest = new Nearest(order, limit);
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Chunk> chunks = new ArrayList<>();
            snapshot.each(
                    selection,
                    chunk -> {
                        if (after.isEmpty() || reaches(chunk, after.get(), newestFirst)) {
                            chunks.add(chunk.kept());
                        }
                    });
            chunks.sort(
                    newestFirst
                            ? Comparator.comparingLong(Chunk::latest).reversed()
                            : Comparator.comparingLong(Chunk::earliest));
            for (Chunk chunk : chunks) {
                Optional<StoredRecord> beyond = nearest.beyond();
                if (beyond.isPresent()
                        && (newestFirst
                                ? chunk.latest() < beyond.get().time()
                                : chunk.earliest() > beyond.get().time())) {
                    break;
                }
                deadline.check();
                Contents contents = chunk.open();
                BitSet hits = possible(chunk, contents, selection, after, newestFirst);
                beyond.ifPresent(
                        first ->
                                beyond(
                                        contents,
                                        hits,
                                        new Cursor(first.time(), first.number()),
                                        !newestFirst));
                if (!hits.isEmpty()) {
                    contents.retain(hits, matcher);
                }
                if (!hits.isEmpty()) {
                    Rows rows = contents.rows();
                    for (int row : first(contents, hits, newestFirst, limit + 1)) {
                        nearest.add(record(rows, row));
                    }
                }
            }
        }
        return new Page(nearest.records(), nearest.beyond().isPresent());
    }

    private static boolean reaches(Chunk chunk, Cursor after, boolean newestFirst) {
        return newestFirst ? chunk.earliest() <= after.time() : chunk.latest() >= after.time();
    }

    private static BitSet possible(
            Chunk chunk,
            Contents contents,
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst) {
        BitSet hits = Counts.hits(chunk, contents, selection, new Matcher.Everything());
        after.ifPresent(cursor -> beyond(contents, hits, cursor, newestFirst));
        return hits;
    }

    /** Keeps the rows behind the cursor in this direction. */
    private static void beyond(Contents contents, BitSet hits, Cursor cursor, boolean newestFirst) {
        for (int row = hits.nextSetBit(0); row >= 0; row = hits.nextSetBit(row + 1)) {
            int compared = Long.compare(contents.times()[row], cursor.time());
            if (compared == 0) {
                compared = Long.compare(contents.numbers()[row], cursor.number());
            }
            if (newestFirst ? compared >= 0 : compared <= 0) {
                hits.clear(row);
            }
        }
    }

    /** The rows that come first in this direction, at most so many. */
    private static int[] first(Contents contents, BitSet hits, boolean newestFirst, int limit) {
        if (hits.cardinality() <= limit) {
            return hits.stream().toArray();
        }
        Comparator<Integer> byTime =
                Comparator.<Integer>comparingLong(row -> contents.times()[row])
                        .thenComparingLong(row -> contents.numbers()[row]);
        return hits.stream()
                .boxed()
                .sorted(newestFirst ? byTime.reversed() : byTime)
                .limit(limit)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static StoredRecord record(Rows rows, int row) {
        int offset = rows.offsets()[row];
        int length = rows.offsets()[row + 1] - offset;
        // A copy: a page must not keep the chunks that it came from in memory.
        byte[] own = Arrays.copyOfRange(rows.data(), offset, offset + length);
        return new StoredRecord(
                rows.numbers()[row],
                rows.times()[row],
                rows.resource(),
                rows.scopes()[rows.scope()[row]],
                own,
                0,
                length);
    }

    List<StoredRecord> context(
            long number, ResourceFilter resources, int before, int after, Deadline deadline) {
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Origin> resource = new ArrayList<>();
            snapshot.each(
                    number,
                    number,
                    chunk -> {
                        deadline.check();
                        Contents contents = chunk.open();
                        if (Arrays.binarySearch(contents.numbers(), 0, contents.count(), number)
                                >= 0) {
                            resource.add(chunk.resource());
                        }
                    });
            if (resource.isEmpty() || !resources.includes(resource.getFirst())) {
                return List.of();
            }
            for (long reach = FIRST_REACH; ; reach *= FURTHER) {
                long low = Math.max(number - reach, 0);
                long high = Math.min(number + reach, snapshot.lastNumber());
                List<Chunk> chunks = new ArrayList<>();
                snapshot.each(
                        low,
                        high,
                        chunk -> {
                            if (chunk.resource().equals(resource.getFirst())) {
                                chunks.add(chunk.kept());
                            }
                        });
                // The nearest first: most of the others need not be opened then.
                chunks.sort(Comparator.comparingLong(chunk -> distance(chunk, number)));
                Surroundings found = new Surroundings(before, after);
                for (Chunk chunk : chunks) {
                    deadline.check();
                    found.add(chunk, low, number, high);
                }
                if (found.isFull()
                        || (low <= snapshot.firstNumber() && high == snapshot.lastNumber())) {
                    return found.records();
                }
            }
        }
    }

    private static long distance(Chunk chunk, long number) {
        return Math.max(Math.max(chunk.first() - number, number - chunk.last()), 0);
    }

    /** The records of a source that are nearest to one of them, on both of its sides. */
    private static final class Surroundings {
        private final Nearest earlier;
        private final Nearest later;
        private final int after;

        Surroundings(int before, int after) {
            this.after = after;
            this.earlier = new Nearest(ARRIVAL.reversed(), before + 1); // and the record itself
            this.later = new Nearest(ARRIVAL, after);
        }

        void add(Chunk chunk, long low, long number, long high) {
            if (chunk.first() <= number
                    && earlier.bound().map(last -> chunk.last() > last.number()).orElse(true)) {
                addThrough(chunk, low, number, earlier);
            }
            if (chunk.last() > number
                    && after > 0
                    && later.bound().map(last -> chunk.first() < last.number()).orElse(true)) {
                addThrough(chunk, number + 1, high, later);
            }
        }

        boolean isFull() {
            return earlier.isFull() && later.isFull();
        }

        List<StoredRecord> records() {
            List<StoredRecord> all = new ArrayList<>(earlier.records().reversed());
            all.addAll(later.records());
            return all;
        }
    }

    private static void addThrough(Chunk chunk, long first, long last, Nearest nearest) {
        Rows rows = chunk.open().rows();
        for (int row = 0; row < rows.count(); row++) {
            if (rows.numbers()[row] >= first && rows.numbers()[row] <= last) {
                nearest.add(record(rows, row));
            }
        }
    }

    Since since(long number, Selection selection, int limit, Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Chunk> chunks = new ArrayList<>();
            snapshot.each(
                    number + 1,
                    Long.MAX_VALUE,
                    chunk -> {
                        if (Days.isAbout(selection.resources(), chunk)) {
                            chunks.add(chunk.kept());
                        }
                    });
            chunks.sort(Comparator.comparingLong(Chunk::first));
            Nearest oldest = new Nearest(ARRIVAL, limit);
            for (Chunk chunk : chunks) {
                long most = oldest.bound().map(StoredRecord::number).orElse(Long.MAX_VALUE);
                if (chunk.first() > most) {
                    break;
                }
                deadline.check();
                Contents contents = chunk.open();
                BitSet hits = new BitSet(contents.count());
                for (int row = 0; row < contents.count(); row++) {
                    long own = contents.numbers()[row];
                    if (own > number && own <= snapshot.lastNumber() && own < most) {
                        hits.set(row);
                    }
                }
                if (!hits.isEmpty()) {
                    contents.retain(hits, matcher);
                }
                if (!hits.isEmpty()) {
                    Rows rows = contents.rows();
                    for (int row = hits.nextSetBit(0); row >= 0; row = hits.nextSetBit(row + 1)) {
                        oldest.add(record(rows, row));
                    }
                }
            }
            List<StoredRecord> records = oldest.records();
            long upTo = oldest.isFull() ? records.getLast().number() : snapshot.lastNumber();
            long lowest = snapshot.firstNumber();
            boolean missing = lowest != Long.MAX_VALUE && lowest > number + 1;
            return new Since(records, Math.max(upTo, number), missing);
        }
    }
}
