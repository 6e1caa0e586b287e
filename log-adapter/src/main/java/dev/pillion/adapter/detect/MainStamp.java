package dev.pillion.adapter.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The stamp that most lines of a sample have, and where each line has it: what tells header lines
 * from the others. Where several readings fit the digits ({@code 03/04/05}) the least strange one
 * over all lines is taken. Used by one {@link Inference}.
 */
final class MainStamp {

    /** How far from its start a line's stamp is looked for. */
    private static final int STAMP_WITHIN = 200;

    private final byte[] bytes;
    private final int[] starts;
    private final int[] ends;
    private final int lines;
    private final Stamp stamp;

    /** A stamp in a line, at {@code [from, to)}. */
    record Found(int line, int from, int to) {}

    /**
     * @param starts where lines start
     * @param ends where they end, without their line ends
     */
    MainStamp(byte[] bytes, int[] starts, int[] ends, int lines, Stamp stamp) {
        this.bytes = bytes;
        this.starts = starts;
        this.ends = ends;
        this.lines = lines;
        this.stamp = stamp;
    }

    Optional<StampFormat> format() {
        Map<StampFormat, Integer> votes = new HashMap<>();
        Map<StampFormat, Integer> depth = new HashMap<>();
        Map<StampFormat, List<StampFormat>> rivals = new HashMap<>();
        for (int i = 0; i < lines; i++) {
            int limit = Math.min(ends[i], starts[i] + STAMP_WITHIN);
            int seen = 0;
            for (int from = starts[i]; from < limit && seen < 2; from++) {
                if (!boundary(starts[i], from)) {
                    continue;
                }
                List<StampFormat> forms = StampForms.infer(bytes, from, ends[i]);
                if (!forms.isEmpty()) {
                    seen++;
                    for (StampFormat form : forms) {
                        votes.merge(form, 1, Integer::sum);
                        depth.merge(form, from - starts[i], Integer::sum);
                    }
                    if (forms.size() > 1) {
                        for (StampFormat form : forms) {
                            rivals.computeIfAbsent(form, f -> new ArrayList<>()).addAll(forms);
                        }
                    }
                    from = forms.getFirst().match(bytes, from, ends[i], stamp) - 1;
                }
            }
        }
        Optional<StampFormat> best =
                votes.keySet().stream()
                        .max(
                                Comparator.comparingDouble(
                                        (StampFormat f) ->
                                                votes.get(f)
                                                        - 0.002
                                                                * depth.get(f)
                                                                / (double) votes.get(f)
                                                                * votes.get(f)));
        if (best.isEmpty() || !rivals.containsKey(best.get())) {
            return best;
        }
        Set<StampFormat> candidates = new HashSet<>(rivals.get(best.get()));
        int most = candidates.stream().mapToInt(c -> votes.getOrDefault(c, 0)).max().orElse(0);
        return candidates.stream()
                .filter(c -> votes.getOrDefault(c, 0) >= most * 0.98)
                .min(Comparator.comparingDouble(this::strangeness));
    }

    /** How unlikely the reading is: going back in time, wide spans, the future. */
    private double strangeness(StampFormat form) {
        long last = Long.MIN_VALUE;
        long first = Long.MAX_VALUE;
        long highest = Long.MIN_VALUE;
        int back = 0;
        for (int i = 0; i < lines; i++) {
            Found found = find(form, i);
            if (found == null) {
                continue;
            }
            long seconds = stamp.seconds();
            if (seconds < last) {
                back++;
            }
            last = seconds;
            first = Math.min(first, seconds);
            highest = Math.max(highest, seconds);
        }
        double span = Math.log1p((highest - first) / 86_400.0);
        double future = stamp.future(highest) ? 10 : 0;
        String ops = form.ops();
        double habit = 0;
        if (ops.contains("/")) {
            // yy/MM/dd is Hadoop's and Spark's habit, M/d/yy WebSphere's and Log4j's DATE_SHORT.
            habit = ops.startsWith("d") ? 0.3 : ops.startsWith("y") ? 0.1 : 0.2;
        } else {
            habit = ops.startsWith("d") ? 0.1 : ops.startsWith("y") ? 0 : 0.2;
        }
        return back * 5.0 + span + future + habit;
    }

    private boolean boundary(int start, int from) {
        if (from == start) {
            return true;
        }
        byte before = bytes[from - 1];
        return !StampFormat.letter(before)
                && !StampFormat.digit(before)
                && before != '.'
                && before != '-'
                && before != '/'
                && before != '_'
                && before != ':'
                && before != '+';
    }

    /** Where a line has the stamp; null if it has none. */
    Found find(StampFormat form, int line) {
        int limit = Math.min(ends[line], starts[line] + STAMP_WITHIN);
        for (int from = starts[line]; from < limit; from++) {
            if (boundary(starts[line], from)) {
                int to = form.match(bytes, from, ends[line], stamp);
                if (to > 0) {
                    return new Found(line, from, to);
                }
            }
        }
        return null;
    }
}
