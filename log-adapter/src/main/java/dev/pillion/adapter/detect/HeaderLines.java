package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header lines of a sample side by side, each read up to a place, and what nearly all of them
 * have there. Lines that differ are left out one after the other. Used by one {@link Inference}.
 */
final class HeaderLines {

    /** Part of the lines that must agree on an element. */
    static final double AGREE = 0.93;

    final byte[] bytes;

    /** How far each line is read, where it ends, and where its stamp stands. */
    int[] at;

    int[] end;
    int[] stampFrom;
    int[] stampTo;
    int count;

    /** Something that holds for a line or does not. */
    interface Test {
        boolean holds(int line);
    }

    /**
     * @param starts where lines start
     * @param ends where they end, without their line ends
     */
    HeaderLines(byte[] bytes, int[] starts, int[] ends, List<MainStamp.Found> headers) {
        this.bytes = bytes;
        count = headers.size();
        at = new int[count];
        end = new int[count];
        stampFrom = new int[count];
        stampTo = new int[count];
        for (int i = 0; i < count; i++) {
            MainStamp.Found found = headers.get(i);
            at[i] = starts[found.line()];
            end[i] = ends[found.line()];
            stampFrom[i] = found.from();
            stampTo[i] = found.to();
        }
    }

    /** Passes terminal colours. */
    void ansi() {
        for (int i = 0; i < count; i++) {
            at[i] = Lines.skipAnsi(bytes, at[i], end[i]);
        }
    }

    /** The part of the lines it holds for. */
    double share(Test test) {
        int holds = 0;
        for (int i = 0; i < count; i++) {
            if (test.holds(i)) {
                holds++;
            }
        }
        return count == 0 ? 0 : holds / (double) count;
    }

    /** Leaves the others out. */
    void keep(Test test) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (test.holds(i)) {
                at[kept] = at[i];
                end[kept] = end[i];
                stampFrom[kept] = stampFrom[i];
                stampTo[kept] = stampTo[i];
                kept++;
            }
        }
        count = kept;
    }

    /** Reads on: where each line is next; those that have -1 are left out. */
    void advance(int[] next) {
        keep(i -> next[i] >= 0);
        for (int i = 0, j = 0; i < next.length; i++) {
            if (next[i] >= 0) {
                at[j++] = next[i];
            }
        }
    }

    static boolean separating(byte b) {
        return switch (b) {
            case ' ', '\t', ',', ';', '|', ':', '-', '=', '>', '*', '#', '~', ']', ')', '}', '/' ->
                    true;
            default -> false;
        };
    }

    /** What nearly all lines have here between two fields, or null. */
    Layout.Separator separator() {
        Map<String, Integer> cores = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int from = at[i];
            while (from < end[i] && StampFormat.blank(bytes[from])) {
                from++;
            }
            int to = from;
            while (to < end[i]
                    && separating(bytes[to])
                    && !StampFormat.blank(bytes[to])
                    && to - from < 4) {
                to++;
            }
            String core = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
            for (int length = 0; length <= core.length(); length++) {
                cores.merge(core.substring(0, length), 1, Integer::sum);
            }
        }
        String best = "";
        for (Map.Entry<String, Integer> entry : cores.entrySet()) {
            if (entry.getValue() >= AGREE * count && entry.getKey().length() > best.length()) {
                best = entry.getKey();
            }
        }
        String core = best;
        Layout.Separator loose = new Layout.Separator(core, false, false);
        boolean before =
                share(i -> (at[i] < end[i] && StampFormat.blank(bytes[at[i]])) || at[i] >= end[i])
                        >= 0.99;
        if (core.isEmpty()) {
            return share(i -> at[i] < end[i] && StampFormat.blank(bytes[at[i]])) >= AGREE
                    ? new Layout.Separator("", true, false)
                    : null;
        }
        boolean after =
                share(
                                i -> {
                                    int next = Layout.skip(loose, bytes, at[i], end[i]);
                                    return next >= end[i]
                                            || (next > 0 && StampFormat.blank(bytes[next - 1]));
                                })
                        >= AGREE;
        return new Layout.Separator(core, before, after);
    }

    /** Where each line is behind the separator; -1 if it has none. */
    int[] behind(Layout.Separator separator) {
        int[] next = new int[count];
        for (int i = 0; i < count; i++) {
            next[i] = Layout.skip(separator, bytes, at[i], end[i]);
        }
        return next;
    }

    /** The bracket that nearly all lines open here, or 0. */
    byte commonBracket() {
        int[] votes = new int[128];
        for (int i = 0; i < count; i++) {
            if (at[i] < end[i] && bytes[at[i]] > 0) {
                votes[bytes[at[i]]]++;
            }
        }
        for (byte open : new byte[] {'[', '(', '<', '{', '"'}) {
            if (votes[open] >= AGREE * count) {
                return open;
            }
        }
        return 0;
    }

    /** An unbracketed word: to a blank, a comma, a bar, or a colon that something follows. */
    int token(int from, int limit) {
        for (int i = from; i < limit; i++) {
            byte b = bytes[i];
            if (StampFormat.blank(b) || b == ',' || b == ';' || b == '|' || b == 0x1B) {
                return i;
            }
            if (b == ':' && (i + 1 >= limit || StampFormat.blank(bytes[i + 1]))) {
                return i;
            }
            if (i > from && b == '[' && i + 1 < limit && !letterBefore(i)) {
                return i;
            }
        }
        return limit;
    }

    private boolean letterBefore(int i) {
        return StampFormat.letter(bytes[i - 1]) || StampFormat.digit(bytes[i - 1]);
    }

    /** Whether a colon, a bar or the like stands behind these places of nearly all lines. */
    boolean strongSeparatorAfter(int[] to, int past) {
        Map<Character, Integer> votes = new HashMap<>();
        for (int i = 0; i < count; i++) {
            if (to[i] < 0) {
                continue;
            }
            int from = to[i] + past;
            while (from < end[i] && StampFormat.blank(bytes[from])) {
                from++;
            }
            if (from < end[i]) {
                char c = (char) bytes[from];
                boolean spaced =
                        from + 1 >= end[i]
                                || StampFormat.blank(bytes[from + 1])
                                || from > to[i] + past
                                || c == '|'
                                || c == ';'
                                || c == ','
                                || bytes[from + 1] == c;
                if (spaced
                        && (c == ':' || c == '|' || c == ';' || c == ',' || c == '-' || c == '>')) {
                    votes.merge(c, 1, Integer::sum);
                }
            }
        }
        return votes.values().stream().anyMatch(v -> v >= AGREE * count);
    }

    /** Whether behind the bracket comes one more word that a strong separator ends. */
    boolean namedAfter(int[] close) {
        int[] from = new int[count];
        int[] to = new int[count];
        for (int i = 0; i < count; i++) {
            from[i] = close[i] < 0 ? end[i] : Math.min(end[i], close[i] + 1);
            while (from[i] < end[i] && StampFormat.blank(bytes[from[i]])) {
                from[i]++;
            }
            to[i] = token(from[i], end[i]);
        }
        return share(i -> to[i] > from[i]) >= AGREE && strongSeparatorAfter(to, 0);
    }

    /**
     * Whether a level stands within the next words of nearly every line, always as the same one.
     */
    boolean levelAhead() {
        int[] ahead = at.clone();
        for (int word = 0; word < 9; word++) {
            int levels = 0;
            for (int i = 0; i < count; i++) {
                int from = ahead[i];
                while (from < end[i]
                        && (separating(bytes[from]) || Layout.closing(bytes[from]) != 0)) {
                    from++;
                }
                int to = from;
                while (to < end[i]
                        && !StampFormat.blank(bytes[to])
                        && bytes[to] != ','
                        && bytes[to] != ';'
                        && bytes[to] != '|'
                        && bytes[to] != ']'
                        && bytes[to] != ')'
                        && bytes[to] != '>'
                        && bytes[to] != ':') {
                    to++;
                }
                if (Severity.ofWord(bytes, from, to) > 0 || upperLetter(from, to)) {
                    levels++;
                }
                ahead[i] = to;
            }
            if (levels >= AGREE * count) {
                return true;
            }
        }
        return false;
    }

    private boolean upperLetter(int from, int to) {
        return to == from + 1 && Severity.ofWordOrLetter(bytes, from, to) > 0;
    }

    /** The part of the lines whose word up to these places is written as class names are. */
    double dotted(int[] to) {
        return share(i -> to[i] > at[i] && Column.dotted(bytes, at[i], to[i]));
    }

    /** How many words there are up to these places. */
    int distinct(int[] to) {
        Set<String> values = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (to[i] > at[i]) {
                values.add(new String(bytes, at[i], to[i] - at[i], StandardCharsets.ISO_8859_1));
            }
        }
        return values.size();
    }
}
