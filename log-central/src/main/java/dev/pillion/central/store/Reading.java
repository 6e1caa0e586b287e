package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.store.LogStore.Bucket;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.Since;
import dev.pillion.central.store.LogStore.SourceSummary;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.LogStore.ValueCount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Answers questions on a snapshot: passes chunks by where their summary allows it, and lets each
 * record decide where not. Runs on the asking thread.
 */
final class Reading {

    /** Different values of a field that are counted; later ones are not. */
    private static final int MAX_VALUES = 10_000;

    /** What a record's order is: its time, then its number. */
    private static final Comparator<StoredRecord> ORDER =
            Comparator.comparingLong(StoredRecord::time).thenComparingLong(StoredRecord::number);

    private final Days days;

    Reading(Days days) {
        this.days = days;
    }

    private static List<Chunk> within(Days.Snapshot snapshot, Selection selection) {
        List<Chunk> chunks = snapshot.chunks(selection.condition());
        chunks.removeIf(
                chunk ->
                        chunk.latest() < selection.from()
                                || chunk.earliest() >= selection.to()
                                || !selection.resources().includes(chunk.resource()));
        return chunks;
    }

    Page search(
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst,
            int limit,
            Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        Comparator<StoredRecord> order = newestFirst ? ORDER.reversed() : ORDER;
        // The worst of the best on top; one more than asked for tells whether there is more.
        PriorityQueue<StoredRecord> best = new PriorityQueue<>(limit + 1, order.reversed());
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Chunk> chunks = within(snapshot, selection);
            chunks.sort(
                    newestFirst
                            ? Comparator.comparingLong(Chunk::latest).reversed()
                            : Comparator.comparingLong(Chunk::earliest));
            for (Chunk chunk : chunks) {
                if (best.size() > limit) {
                    long worst = best.element().time();
                    if (newestFirst ? chunk.latest() < worst : chunk.earliest() > worst) {
                        break;
                    }
                }
                if (after.isPresent()
                        && (newestFirst
                                ? chunk.earliest() > after.get().time()
                                : chunk.latest() < after.get().time())) {
                    continue;
                }
                deadline.check();
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count(); row++) {
                    long time = rows.times()[row];
                    if (time < selection.from() || time >= selection.to()) {
                        continue;
                    }
                    if (after.isPresent()
                            && !beyond(after.get(), time, rows.numbers()[row], newestFirst)) {
                        continue;
                    }
                    if (best.size() > limit
                            && !better(best.element(), time, rows.numbers()[row], newestFirst)) {
                        continue;
                    }
                    if (matcher.test(rows, row)) {
                        best.add(record(rows, row));
                        if (best.size() > limit + 1) {
                            best.remove();
                        }
                    }
                }
            }
        }
        boolean more = best.size() > limit;
        if (more) {
            best.remove();
        }
        List<StoredRecord> records = new ArrayList<>(best);
        records.sort(order);
        return new Page(records, more);
    }

    private static boolean beyond(Cursor cursor, long time, long number, boolean newestFirst) {
        int compared =
                time != cursor.time()
                        ? Long.compare(time, cursor.time())
                        : Long.compare(number, cursor.number());
        return newestFirst ? compared < 0 : compared > 0;
    }

    private static boolean better(StoredRecord worst, long time, long number, boolean newestFirst) {
        return beyond(new Cursor(time, number), worst.time(), worst.number(), newestFirst);
    }

    private static StoredRecord record(Rows rows, int row) {
        int offset = rows.offsets()[row];
        int length = rows.offsets()[row + 1] - offset;
        // A copy: a page must not keep the chunks that it came from in memory.
        byte[] own = java.util.Arrays.copyOfRange(rows.data(), offset, offset + length);
        return new StoredRecord(
                rows.numbers()[row],
                rows.times()[row],
                rows.resource(),
                rows.scopes()[rows.scope()[row]],
                own,
                0,
                length);
    }

    List<Bucket> histogram(Selection selection, long interval, Deadline deadline) {
        long start = Math.floorDiv(selection.from(), interval) * interval;
        int count = (int) Math.ceilDiv(selection.to() - start, interval);
        int[][] counts = new int[count][ChunkHead.BANDS];
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        boolean everything = selection.condition() instanceof Condition.Everything;
        boolean minutes = interval % ChunkHead.MINUTE == 0 && start % ChunkHead.MINUTE == 0;
        try (Days.Snapshot snapshot = days.snapshot()) {
            for (Chunk chunk : within(snapshot, selection)) {
                deadline.check();
                boolean whole =
                        chunk.earliest() >= selection.from() && chunk.latest() < selection.to();
                if (everything && whole && minutes && !chunk.minutes().isEmpty()) {
                    chunk.minutes()
                            .forEach(
                                    (minute, bands) -> {
                                        int bucket =
                                                (int)
                                                        ((minute * ChunkHead.MINUTE - start)
                                                                / interval);
                                        for (int band = 0; band < bands.length; band++) {
                                            counts[bucket][band] += bands[band];
                                        }
                                    });
                    continue;
                }
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count(); row++) {
                    long time = rows.times()[row];
                    if (time >= selection.from()
                            && time < selection.to()
                            && (everything || matcher.test(rows, row))) {
                        counts[(int) ((time - start) / interval)][
                                ChunkHead.band(rows.severities()[row])]++;
                    }
                }
            }
        }
        List<Bucket> buckets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            buckets.add(new Bucket(start + i * interval, counts[i]));
        }
        return buckets;
    }

    Map<String, List<ValueCount>> facets(
            Selection selection, List<String> fields, int top, Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        boolean everything = selection.condition() instanceof Condition.Everything;
        List<FieldCounts> counts = fields.stream().map(FieldCounts::new).toList();
        try (Days.Snapshot snapshot = days.snapshot()) {
            for (Chunk chunk : within(snapshot, selection)) {
                deadline.check();
                boolean whole =
                        everything
                                && chunk.earliest() >= selection.from()
                                && chunk.latest() < selection.to();
                List<FieldCounts> byRow = new ArrayList<>();
                for (FieldCounts field : counts) {
                    if (!whole || !field.addWhole(chunk)) {
                        byRow.add(field);
                    }
                }
                if (byRow.isEmpty()) {
                    continue;
                }
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count(); row++) {
                    long time = rows.times()[row];
                    if (time >= selection.from()
                            && time < selection.to()
                            && (everything || matcher.test(rows, row))) {
                        for (FieldCounts field : byRow) {
                            field.add(rows, row);
                        }
                    }
                }
            }
        }
        Map<String, List<ValueCount>> facets = new LinkedHashMap<>();
        for (FieldCounts field : counts) {
            facets.put(field.name, field.top(top));
        }
        return facets;
    }

    private static final class FieldCounts extends Matcher.AsText {
        private final String name;
        private final byte[] bytes;
        private final boolean severity;
        private final Map<String, long[]> counts = new HashMap<>();
        private String found = "";

        FieldCounts(String name) {
            this.name = name;
            this.bytes = name.getBytes(StandardCharsets.UTF_8);
            this.severity = name.equals("severity");
        }

        boolean addWhole(Chunk chunk) {
            if (severity) {
                int[] severities = chunk.severities();
                for (int number = 0; number < severities.length; number++) {
                    count(Severities.name(number), severities[number]);
                }
                return true;
            }
            if (Values.ofOrigin(chunk.resource(), Otlp.RESOURCE_ATTRIBUTES, bytes, this)) {
                count(found, chunk.count());
                return true;
            }
            return false;
        }

        void add(Rows rows, int row) {
            if (severity) {
                count(Severities.name(rows.severities()[row]), 1);
            } else if (Values.ofOrigin(rows.resource(), Otlp.RESOURCE_ATTRIBUTES, bytes, this)
                    || Values.named(rows, row, name, bytes, this)) {
                count(found, 1);
            }
        }

        private void count(String value, long times) {
            if (times > 0 && (counts.size() < MAX_VALUES || counts.containsKey(value))) {
                counts.computeIfAbsent(value, unused -> new long[1])[0] += times;
            }
        }

        @Override
        public boolean text(byte[] text, int from, int to) {
            found = new String(text, from, to - from, StandardCharsets.UTF_8);
            return true;
        }

        List<ValueCount> top(int limit) {
            return counts.entrySet().stream()
                    .map(entry -> new ValueCount(entry.getKey(), entry.getValue()[0]))
                    .sorted(
                            Comparator.comparingLong(ValueCount::count)
                                    .reversed()
                                    .thenComparing(ValueCount::value))
                    .limit(limit)
                    .toList();
        }
    }

    List<StoredRecord> context(
            long number, ResourceFilter resources, int before, int after, Deadline deadline) {
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Chunk> chunks = snapshot.chunks(new Condition.Everything());
            Origin resource = null;
            for (Chunk chunk : chunks) {
                if (chunk.first() <= number && number <= chunk.last()) {
                    deadline.check();
                    if (has(chunk.rows(), number)) {
                        resource = chunk.resource();
                        break;
                    }
                }
            }
            if (resource == null || !resources.includes(resource)) {
                return List.of();
            }
            Origin wanted = resource;
            chunks.removeIf(chunk -> !chunk.resource().equals(wanted));
            List<StoredRecord> found = new ArrayList<>();
            PriorityQueue<StoredRecord> earlier =
                    new PriorityQueue<>(Comparator.comparingLong(StoredRecord::number));
            chunks.sort(Comparator.comparingLong(Chunk::last).reversed());
            for (Chunk chunk : chunks) {
                if (chunk.first() > number
                        || (earlier.size() > before && chunk.last() < earlier.element().number())) {
                    continue;
                }
                deadline.check();
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count() && rows.numbers()[row] <= number; row++) {
                    earlier.add(record(rows, row));
                    if (earlier.size() > before + 1) {
                        earlier.remove();
                    }
                }
            }
            PriorityQueue<StoredRecord> later =
                    new PriorityQueue<>(Comparator.comparingLong(StoredRecord::number).reversed());
            chunks.sort(Comparator.comparingLong(Chunk::first));
            for (Chunk chunk : chunks) {
                if (chunk.last() <= number
                        || (later.size() >= after
                                && (after == 0 || chunk.first() > later.element().number()))) {
                    continue;
                }
                deadline.check();
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count(); row++) {
                    if (rows.numbers()[row] > number) {
                        later.add(record(rows, row));
                        if (later.size() > after) {
                            later.remove();
                        }
                    }
                }
            }
            found.addAll(earlier);
            found.addAll(later);
            found.sort(Comparator.comparingLong(StoredRecord::number));
            return found;
        }
    }

    private static boolean has(Rows rows, long number) {
        return java.util.Arrays.binarySearch(rows.numbers(), 0, rows.count(), number) >= 0;
    }

    Since since(long number, Selection selection, int limit, Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        try (Days.Snapshot snapshot = days.snapshot()) {
            List<Chunk> chunks = snapshot.chunks(new Condition.Everything());
            long lowest = chunks.stream().mapToLong(Chunk::first).min().orElse(Long.MAX_VALUE);
            long last = chunks.stream().mapToLong(Chunk::last).max().orElse(number);
            chunks.removeIf(
                    chunk ->
                            chunk.last() <= number
                                    || !selection.resources().includes(chunk.resource()));
            chunks.sort(Comparator.comparingLong(Chunk::first));
            PriorityQueue<StoredRecord> oldest =
                    new PriorityQueue<>(Comparator.comparingLong(StoredRecord::number).reversed());
            for (Chunk chunk : chunks) {
                if (oldest.size() >= limit && chunk.first() > oldest.element().number()) {
                    break;
                }
                deadline.check();
                Rows rows = chunk.rows();
                for (int row = 0; row < rows.count(); row++) {
                    long own = rows.numbers()[row];
                    if (own <= number
                            || (oldest.size() >= limit && own > oldest.element().number())) {
                        continue;
                    }
                    if (matcher.test(rows, row)) {
                        oldest.add(record(rows, row));
                        if (oldest.size() > limit) {
                            oldest.remove();
                        }
                    }
                }
            }
            List<StoredRecord> records = new ArrayList<>(oldest);
            records.sort(Comparator.comparingLong(StoredRecord::number));
            long upTo = records.size() >= limit ? records.getLast().number() : last;
            boolean missing = lowest != Long.MAX_VALUE && lowest > number + 1;
            return new Since(records, Math.max(upTo, number), missing);
        }
    }

    List<SourceSummary> sources(
            ResourceFilter resources, long from, long to, int limit, Deadline deadline) {
        Map<Origin, long[]> found = new HashMap<>();
        try (Days.Snapshot snapshot = days.snapshot()) {
            for (Chunk chunk :
                    within(
                            snapshot,
                            new Selection(new Condition.Everything(), resources, from, to))) {
                deadline.check();
                if (found.size() >= limit && !found.containsKey(chunk.resource())) {
                    continue;
                }
                long[] sums =
                        found.computeIfAbsent(
                                chunk.resource(),
                                unused -> new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE});
                sums[0] += chunk.count();
                sums[1] = Math.min(sums[1], chunk.earliest());
                sums[2] = Math.max(sums[2], chunk.latest());
            }
        }
        return found.entrySet().stream()
                .map(
                        entry ->
                                new SourceSummary(
                                        entry.getKey(),
                                        entry.getValue()[0],
                                        entry.getValue()[1],
                                        entry.getValue()[2]))
                .sorted(Comparator.comparingLong(SourceSummary::records).reversed())
                .toList();
    }
}
