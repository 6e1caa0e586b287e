package dev.pillion.central.loki;

import dev.pillion.central.query.Asked;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Bucket;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.ResourceFilter;
import dev.pillion.central.store.Severities;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts lines over time, as {@code count_over_time} and {@code rate} do: at each step, how many
 * came in the range before it. Made of the store's histograms, whose intervals are the greatest
 * that step and range are both made of.
 */
final class Counting {

    private static final int MAX_POINTS = 11_000;
    private static final int MAX_SERIES = 100;
    private static final int MAX_SOURCES = 10_000;

    private final LogStore store;

    Counting(LogStore store) {
        this.store = store;
    }

    /** Values at one time after the other; those that are 0 are left out, as Loki does. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Series(SortedMap<String, String> labels, long first, long step, long[] counts) {}

    String matrix(Asked asked, LogQl.Counts counts, Selection selection, long step) {
        long first = Math.floorDiv(selection.from(), step) * step;
        int points = points(first, selection.to(), step);
        StringBuilder json = new StringBuilder("[");
        for (Series series : series(asked, counts, selection, first, step, points)) {
            StringBuilder values = new StringBuilder();
            for (int i = 0; i < points; i++) {
                if (series.counts()[i] > 0) {
                    values.append(values.isEmpty() ? "" : ",");
                    value(first + i * step, counts, series.counts()[i], values);
                }
            }
            if (!values.isEmpty()) {
                json.append(json.length() > 1 ? "," : "");
                json.append("{\"metric\":").append(Streams.object(series.labels()));
                json.append(",\"values\":[").append(values).append("]}");
            }
        }
        return json.append(']').toString();
    }

    String vector(Asked asked, LogQl.Counts counts, long time) {
        Selection selection =
                new Selection(
                        counts.lines().condition(),
                        new ResourceFilter.Both(
                                List.of(asked.resources(), counts.lines().resources())),
                        time - counts.range(),
                        time);
        StringBuilder json = new StringBuilder("[");
        // One step, the range itself, so that its beginning need not be a multiple of anything.
        for (Series series : series(asked, counts, selection, time, counts.range(), 1)) {
            if (series.counts()[0] > 0) {
                json.append(json.length() > 1 ? "," : "");
                json.append("{\"metric\":").append(Streams.object(series.labels()));
                json.append(",\"value\":");
                value(time, counts, series.counts()[0], json);
                json.append('}');
            }
        }
        return json.append(']').toString();
    }

    private static void value(long time, LogQl.Counts counts, long count, StringBuilder json) {
        double seconds = counts.range() / (double) LokiTimes.SECOND;
        json.append('[').append(LokiTimes.seconds(time)).append(",\"");
        json.append(counts.rate() ? number(count / seconds) : Long.toString(count)).append("\"]");
    }

    /** As Prometheus writes numbers: without a fraction where there is none. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static int points(long first, long end, long step) {
        long points = (end - first) / step + 1;
        if (points > MAX_POINTS) {
            throw new IllegalArgumentException(
                    "exceeded maximum resolution of 11,000 points per time series. Try increasing"
                            + " the value of the step parameter");
        }
        return (int) points;
    }

    private List<Series> series(
            Asked asked,
            LogQl.Counts counts,
            Selection selection,
            long first,
            long step,
            int points) {
        long interval = commonDivisor(step, counts.range());
        long from = first - counts.range();
        long to = first + (points - 1) * step;
        if ((to - from) / interval > MAX_POINTS) {
            throw new IllegalArgumentException(
                    "the range must be a multiple of the step, or the other way round, for so long"
                            + " a time");
        }
        boolean byLevel = counts.by().map(by -> by.stream().anyMatch(Labels::isLevel)).orElse(true);
        List<Series> all = new ArrayList<>();
        groups(asked, counts, selection, from, to)
                .forEach(
                        (labels, resources) -> {
                            Selection part =
                                    new Selection(selection.condition(), resources, from, to);
                            List<Bucket> buckets =
                                    asked.ask(
                                            deadline -> store.histogram(part, interval, deadline));
                            for (int band = 0; band < Severities.BANDS.size(); band++) {
                                SortedMap<String, String> own = new TreeMap<>(labels);
                                own.put(Labels.LEVEL, Labels.level(band));
                                long[] sums =
                                        slide(
                                                buckets,
                                                byLevel ? band : -1,
                                                // A single point looks back on all of it.
                                                points == 1
                                                        ? buckets.size()
                                                        : counts.range() / interval,
                                                step / interval,
                                                points);
                                all.add(new Series(byLevel ? own : labels, first, step, sums));
                                if (!byLevel) {
                                    break;
                                }
                            }
                        });
        return all;
    }

    private static long commonDivisor(long one, long other) {
        return other == 0 ? one : commonDivisor(other, one % other);
    }

    /**
     * @param band the severity band that is counted, or -1 for all
     * @param width buckets that each point looks back
     * @param stride buckets between two points
     */
    private static long[] slide(
            List<Bucket> buckets, int band, long width, long stride, int points) {
        long[] upTo = new long[buckets.size() + 1];
        for (int i = 0; i < buckets.size(); i++) {
            long sum = 0;
            int[] counts = buckets.get(i).counts();
            for (int each = 0; each < counts.length; each++) {
                sum += band < 0 || band == each ? counts[each] : 0;
            }
            upTo[i + 1] = upTo[i] + sum;
        }
        long[] sums = new long[points];
        for (int i = 0; i < points; i++) {
            int begin = (int) Math.min(i * stride, buckets.size());
            int end = (int) Math.min(i * stride + width, buckets.size());
            sums[i] = upTo[end] - upTo[begin];
        }
        return sums;
    }

    /** The series' labels, without the level, and which resources each is made of. */
    private Map<SortedMap<String, String>, ResourceFilter> groups(
            Asked asked, LogQl.Counts counts, Selection selection, long from, long to) {
        List<String> labels =
                counts.by().orElse(List.copyOf(Labels.attributes().keySet())).stream()
                        .filter(Labels.attributes()::containsKey)
                        .toList();
        Map<SortedMap<String, String>, ResourceFilter> groups = new LinkedHashMap<>();
        if (labels.isEmpty()) {
            groups.put(new TreeMap<>(), selection.resources());
            return groups;
        }
        for (LogStore.SourceSummary source :
                asked.ask(
                        deadline ->
                                store.sources(
                                        selection.resources(), from, to, MAX_SOURCES, deadline))) {
            SortedMap<String, String> own = Labels.of(source.resource());
            own.keySet().retainAll(labels);
            if (groups.containsKey(own)) {
                continue;
            }
            if (groups.size() == MAX_SERIES) {
                throw new IllegalArgumentException(
                        "more than "
                                + MAX_SERIES
                                + " series; narrow the selector or sum by fewer"
                                + " labels");
            }
            List<ResourceFilter> parts = new ArrayList<>(List.of(selection.resources()));
            for (String label : labels) {
                parts.add(
                        new ResourceFilter.OneOf(
                                Labels.attributes().get(label),
                                Set.of(own.getOrDefault(label, ""))));
            }
            groups.put(own, new ResourceFilter.Both(parts));
        }
        return groups;
    }
}
