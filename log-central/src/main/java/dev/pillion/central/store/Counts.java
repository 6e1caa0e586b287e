package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.store.LogStore.Bucket;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.SourceSummary;
import dev.pillion.central.store.LogStore.ValueCount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers how many: histograms, facets and sources, from what chunks say of themselves where that
 * is enough, else from their columns. Runs on the asking thread.
 *
 * @see Search which
 */
final class Counts {

    /** Different values of a field that are counted; later ones are not. */
    private static final int MAX_VALUES = 10_000;

    private final Days days;

    Counts(Days days) {
        this.days = days;
    }

    List<Bucket> histogram(Selection selection, long interval, Deadline deadline) {
        long start = Math.floorDiv(selection.from(), interval) * interval;
        int count = (int) Math.ceilDiv(selection.to() - start, interval);
        int[][] counts = new int[count][ChunkHead.BANDS];
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        boolean everything = selection.condition() instanceof Condition.Everything;
        boolean minutes = interval % ChunkHead.MINUTE == 0 && start % ChunkHead.MINUTE == 0;
        ChunkHead.MinuteVisitor byMinute =
                (minute, band, records) ->
                        counts[(int) ((minute * ChunkHead.MINUTE - start) / interval)][band] +=
                                records;
        try (Days.Snapshot snapshot = days.snapshot()) {
            snapshot.each(
                    selection,
                    chunk -> {
                        deadline.check();
                        if (everything && isWithin(chunk, selection)) {
                            long bucket = (chunk.earliest() - start) / interval;
                            if (bucket == (chunk.latest() - start) / interval) {
                                addAll(chunk, counts[(int) bucket]);
                                return;
                            }
                            if (minutes && chunk.minutes(byMinute)) {
                                return;
                            }
                        }
                        Contents contents = chunk.open();
                        BitSet hits = hits(chunk, contents, selection, matcher);
                        for (int row = hits.nextSetBit(0);
                                row >= 0;
                                row = hits.nextSetBit(row + 1)) {
                            counts[(int) ((contents.times()[row] - start) / interval)][
                                    ChunkHead.band(contents.severities()[row])]++;
                        }
                    });
        }
        List<Bucket> buckets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            buckets.add(new Bucket(start + i * interval, counts[i]));
        }
        return buckets;
    }

    private static void addAll(Chunk chunk, int[] bands) {
        long[] severities = new long[ChunkHead.SEVERITIES];
        chunk.addSeverities(severities);
        for (int number = 0; number < severities.length; number++) {
            bands[ChunkHead.band(number)] += (int) severities[number];
        }
    }

    private static boolean isWithin(Chunk chunk, Selection selection) {
        return chunk.earliest() >= selection.from() && chunk.latest() < selection.to();
    }

    /** The rows of an opened chunk that are selected. */
    static BitSet hits(Chunk chunk, Contents contents, Selection selection, Matcher matcher) {
        BitSet hits = new BitSet(contents.count());
        hits.set(0, contents.count());
        if (!isWithin(chunk, selection)) {
            long[] times = contents.times();
            for (int row = 0; row < contents.count(); row++) {
                if (times[row] < selection.from() || times[row] >= selection.to()) {
                    hits.clear(row);
                }
            }
        }
        if (!hits.isEmpty()) {
            contents.retain(hits, matcher);
        }
        return hits;
    }

    Map<String, List<ValueCount>> facets(
            Selection selection, List<String> fields, int top, Deadline deadline) {
        Matcher matcher = Matcher.of(selection.condition(), deadline);
        boolean everything = selection.condition() instanceof Condition.Everything;
        List<FieldCounts> counts = fields.stream().map(FieldCounts::new).toList();
        try (Days.Snapshot snapshot = days.snapshot()) {
            snapshot.each(
                    selection,
                    chunk -> {
                        deadline.check();
                        boolean whole = everything && isWithin(chunk, selection);
                        List<FieldCounts> byRow = new ArrayList<>();
                        for (FieldCounts field : counts) {
                            if (!whole || !field.addWhole(chunk)) {
                                byRow.add(field);
                            }
                        }
                        if (!byRow.isEmpty()) {
                            Contents contents = chunk.open();
                            BitSet hits = hits(chunk, contents, selection, matcher);
                            if (!hits.isEmpty()) {
                                byRow.forEach(field -> field.add(contents, hits));
                            }
                        }
                    });
        }
        Map<String, List<ValueCount>> facets = new LinkedHashMap<>();
        for (FieldCounts field : counts) {
            facets.put(field.name, field.top(top));
        }
        return facets;
    }

    private static final class FieldCounts extends FieldTest.AsText {
        private final String name;
        private final byte[] bytes;
        private final boolean severity;
        private final Map<String, long[]> counts = new HashMap<>();
        private String found = "";

        FieldCounts(String name) {
            super(false);
            this.name = name;
            this.bytes = name.getBytes(StandardCharsets.UTF_8);
            this.severity = name.equals("severity");
        }

        boolean addWhole(Chunk chunk) {
            if (severity) {
                long[] severities = new long[ChunkHead.SEVERITIES];
                chunk.addSeverities(severities);
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

        void add(Contents contents, BitSet hits) {
            if (severity) {
                for (int row = hits.nextSetBit(0); row >= 0; row = hits.nextSetBit(row + 1)) {
                    count(Severities.name(contents.severities()[row]), 1);
                }
                return;
            }
            Rows rows = contents.rows();
            for (int row = hits.nextSetBit(0); row >= 0; row = hits.nextSetBit(row + 1)) {
                add(rows, row);
            }
        }

        private void add(Rows rows, int row) {
            if (Values.ofOrigin(rows.resource(), Otlp.RESOURCE_ATTRIBUTES, bytes, this)
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

    List<SourceSummary> sources(
            ResourceFilter resources, long from, long to, int limit, Deadline deadline) {
        Map<Origin, long[]> found = new HashMap<>();
        try (Days.Snapshot snapshot = days.snapshot()) {
            snapshot.each(
                    new Selection(new Condition.Everything(), resources, from, to),
                    chunk -> {
                        deadline.check();
                        Origin resource = chunk.resource();
                        if (found.size() >= limit && !found.containsKey(resource)) {
                            return;
                        }
                        long[] sums =
                                found.computeIfAbsent(
                                        resource,
                                        unused -> new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE});
                        sums[0] += chunk.count();
                        sums[1] = Math.min(sums[1], chunk.earliest());
                        sums[2] = Math.max(sums[2], chunk.latest());
                    });
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
