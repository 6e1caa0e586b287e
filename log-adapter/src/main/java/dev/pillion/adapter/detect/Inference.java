package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the header grammar of lines nobody has described. The most frequent form of time stamp
 * tells which lines are headers; then all of them are walked side by side, column by column: what
 * nearly all share is a separator, what stands between separators and looks like a level, a thread,
 * a logger or a number is a field, and where the lines no longer agree the message begins.
 *
 * <p>One object a file to be looked at; not thread-safe.
 */
final class Inference {

    /** How many lines of a sample are looked at. */
    private static final int LINES = 600;

    /** Part of the lines that must agree on an element. */
    private static final double AGREE = 0.93;

    private final byte[] bytes;
    private final int[] starts;
    private final int[] ends;
    private final int lines;
    private final MainStamp stamps;

    // The header lines, and how far each has been walked.
    private int[] at = {};
    private int[] end = {};
    private int[] stampFrom = {};
    private int[] stampTo = {};
    private int count;

    Inference(byte[] bytes, int[] starts, int[] ends, int lines, Stamp stamp) {
        this.bytes = bytes;
        this.starts = starts;
        this.ends = ends;
        this.lines = Math.min(lines, LINES);
        this.stamps = new MainStamp(bytes, starts, ends, this.lines, stamp);
    }

    Optional<Layout> infer() {
        Optional<StampFormat> main = stamps.format();
        if (main.isEmpty()) {
            return Optional.empty();
        }
        StampFormat format = main.get();
        List<MainStamp.Found> headers = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            MainStamp.Found found = stamps.find(format, i);
            if (found != null && !Lines.continuation(bytes, starts[i], ends[i])) {
                headers.add(found);
            }
        }
        headers = alike(headers);
        if (headers.isEmpty()) {
            return Optional.empty();
        }
        begin(headers);
        Optional<Layout> syslog = syslog(format);
        if (syslog.isPresent()) {
            return syslog;
        }
        Optional<Layout> twoLines = twoLines(format, headers);
        if (twoLines.isPresent()) {
            return twoLines;
        }
        begin(headers);
        return Optional.ofNullable(walk(format));
    }

    /**
     * Those with the most frequent shape before the stamp: a date inside a message is no header.
     */
    private List<MainStamp.Found> alike(List<MainStamp.Found> headers) {
        Map<String, List<MainStamp.Found>> shapes = new HashMap<>();
        for (MainStamp.Found found : headers) {
            StringBuilder shape = new StringBuilder();
            for (int i = starts[found.line()]; i < found.from(); i++) {
                byte b = bytes[i];
                boolean word = StampFormat.letter(b) || StampFormat.digit(b) || b == '-' || b < 0;
                if (word && (shape.isEmpty() || shape.charAt(shape.length() - 1) != 'x')) {
                    shape.append('x');
                } else if (!word && !StampFormat.blank(b) && shape.length() < 64) {
                    shape.append((char) b);
                }
            }
            shapes.computeIfAbsent(shape.toString(), k -> new ArrayList<>()).add(found);
        }
        List<MainStamp.Found> most =
                shapes.values().stream().max(Comparator.comparingInt(List::size)).orElse(List.of());
        return most.size() >= 0.4 * headers.size() ? most : headers;
    }

    private void begin(List<MainStamp.Found> headers) {
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

    // ---- shapes known by name

    private Optional<Layout> syslog(StampFormat format) {
        boolean yearless = !format.ops().contains("Y") && !format.ops().contains("y");
        int tagged = 0;
        int withPid = 0;
        int atStart = 0;
        Header header = new Header();
        Layout.Separator blank = new Layout.Separator("", true, false);
        for (int i = 0; i < count; i++) {
            if (stampFrom[i] != at[i]) {
                continue;
            }
            atStart++;
            int host = Layout.skip(blank, bytes, stampTo[i], end[i]);
            if (host < 0) {
                continue;
            }
            int hostEnd = Layout.tokenEnd(null, bytes, host, end[i]);
            if (hostEnd < 0 || hostEnd >= end[i] || !hostName(host, hostEnd)) {
                continue;
            }
            int tag = Layout.skip(blank, bytes, hostEnd, end[i]);
            header.clear();
            if (tag > 0 && Layout.tag(bytes, tag, end[i], header) > 0) {
                tagged++;
                withPid += header.has(Role.PID) ? 1 : 0;
            }
        }
        boolean fits =
                (format.ops().startsWith("N d") && yearless)
                        ? tagged >= 0.6 * count
                        : tagged >= 0.8 * count && withPid >= 0.4 * count;
        if (!fits || atStart < 0.8 * count) {
            return Optional.empty();
        }
        return Optional.of(
                new Layout(
                        List.of(
                                new Layout.Time(format),
                                blank,
                                new Layout.Field(Role.HOST, (char) 0),
                                blank,
                                new Layout.Tag())));
    }

    private boolean hostName(int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (!StampFormat.letter(b)
                    && !StampFormat.digit(b)
                    && b != '-'
                    && b != '.'
                    && b != '_'
                    && b != ':'
                    && b != '@'
                    && b != '/') {
                return false;
            }
        }
        return to > from;
    }

    /** java.util.logging's SimpleFormatter: stamp, class, method; then level and message. */
    private Optional<Layout> twoLines(StampFormat format, List<MainStamp.Found> headers) {
        int fits = 0;
        int possible = 0;
        for (MainStamp.Found found : headers) {
            int next = found.line() + 1;
            if (next >= lines || found.from() != starts[found.line()]) {
                continue;
            }
            possible++;
            int colon = starts[next];
            while (colon < ends[next] && bytes[colon] != ':' && colon - starts[next] < 16) {
                colon++;
            }
            if (colon < ends[next]
                    && bytes[colon] == ':'
                    && Severity.ofWord(bytes, starts[next], colon) > 0) {
                fits++;
            }
        }
        if (possible == 0 || fits < 0.8 * possible) {
            return Optional.empty();
        }
        Layout.Separator blank = new Layout.Separator("", true, false);
        return Optional.of(
                new Layout(
                        List.of(
                                new Layout.Time(format),
                                blank,
                                new Layout.Field(Role.LOGGER, (char) 0),
                                new Layout.NextLine(),
                                new Layout.Field(Role.LEVEL, (char) 0),
                                new Layout.Separator(":", false, false))));
    }

    // ---- the walk

    private Layout walk(StampFormat format) {
        List<Layout.Element> elements = new ArrayList<>();
        Set<Role> used = new HashSet<>();
        boolean timed = false;
        for (int step = 0; step < 32; step++) {
            ansi();
            if (!timed && share(i -> stampFrom[i] == at[i]) >= 0.9) {
                keep(i -> stampFrom[i] == at[i]);
                elements.add(new Layout.Time(format));
                for (int i = 0; i < count; i++) {
                    at[i] = stampTo[i];
                }
                timed = true;
                continue;
            }
            boolean afterField =
                    !elements.isEmpty()
                            && (!(elements.getLast() instanceof Layout.Separator last)
                                    || (timed && closesOnly(last)));
            if (afterField || elements.isEmpty()) {
                Layout.Separator separator = separator();
                if (separator != null) {
                    int[] next = advance(separator);
                    keep(i -> next[i] >= 0);
                    for (int i = 0, j = 0; i < next.length; i++) {
                        if (next[i] >= 0) {
                            at[j++] = next[i];
                        }
                    }
                    elements.add(separator);
                    continue;
                }
                if (afterField && elements.getLast() instanceof Layout.Time) {
                    // Something must part the stamp from what follows, if only a bracket.
                    if (share(i -> at[i] < end[i] && Layout.closing(bytes[at[i]]) != 0) < AGREE
                            && share(i -> at[i] >= end[i]) < AGREE) {
                        break;
                    }
                }
            }
            if (bracketAroundStamp(elements, timed)) {
                continue;
            }
            if (timed && share(i -> at[i] >= end[i]) > 0.5) {
                break;
            }
            if (!field(elements, used, timed)) {
                break;
            }
        }
        return timed ? new Layout(elements) : null;
    }

    /** A bracket that closes, behind the stamp: what parts it from the next field comes yet. */
    private static boolean closesOnly(Layout.Separator separator) {
        String core = separator.core();
        return core.equals("]") || core.equals(")") || core.equals(">") || core.equals("}");
    }

    private void ansi() {
        for (int i = 0; i < count; i++) {
            at[i] = Lines.skipAnsi(bytes, at[i], end[i]);
        }
    }

    private interface Test {
        boolean holds(int line);
    }

    private double share(Test test) {
        int holds = 0;
        for (int i = 0; i < count; i++) {
            if (test.holds(i)) {
                holds++;
            }
        }
        return count == 0 ? 0 : holds / (double) count;
    }

    private void keep(Test test) {
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

    private boolean bracketAroundStamp(List<Layout.Element> elements, boolean timed) {
        if (timed
                || share(i -> at[i] + 1 == stampFrom[i] && Layout.closing(bytes[at[i]]) != 0)
                        < 0.9) {
            return false;
        }
        keep(i -> at[i] + 1 == stampFrom[i]);
        byte open = bytes[at[0]];
        keep(i -> bytes[at[i]] == open);
        elements.add(new Layout.Separator(String.valueOf((char) open), false, false));
        for (int i = 0; i < count; i++) {
            at[i]++;
        }
        return true;
    }

    private static boolean separating(byte b) {
        return switch (b) {
            case ' ', '\t', ',', ';', '|', ':', '-', '=', '>', '*', '#', '~', ']', ')', '}', '/' ->
                    true;
            default -> false;
        };
    }

    /** What nearly all lines have here between two fields, or null. */
    private Layout.Separator separator() {
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

    private int[] advance(Layout.Separator separator) {
        int[] next = new int[count];
        for (int i = 0; i < count; i++) {
            next[i] = Layout.skip(separator, bytes, at[i], end[i]);
        }
        return next;
    }

    // ---- fields

    private boolean field(List<Layout.Element> elements, Set<Role> used, boolean timed) {
        byte open = commonBracket();
        if (open != 0) {
            int[] to = new int[count];
            for (int i = 0; i < count; i++) {
                to[i] =
                        at[i] < end[i] && bytes[at[i]] == open
                                ? Layout.close(bytes, at[i], end[i])
                                : -1;
            }
            if (share(i -> to[i] > 0) >= AGREE) {
                Role role = classify(i -> at[i] + 1, i -> to[i], i -> to[i] > 0, used, true);
                boolean wanted =
                        role != Role.OTHER
                                || !timed
                                || levelAhead(used)
                                || strongSeparatorAfter(to, 1)
                                || namedAfter(to)
                                || (open == '['
                                        && elements.getLast() instanceof Layout.Separator s
                                        && !s.core().isEmpty());
                if (wanted) {
                    take(elements, used, role, (char) open, to, 1);
                    return true;
                }
                return false;
            }
        }
        int[] to = new int[count];
        for (int i = 0; i < count; i++) {
            to[i] = token(at[i], end[i]);
        }
        if (share(i -> to[i] > at[i]) < AGREE) {
            return false;
        }
        Role role = classify(i -> at[i], i -> to[i], i -> to[i] > at[i], used, false);
        boolean strong = strongSeparatorAfter(to, 0);
        boolean sure =
                role != Role.OTHER && ((role != Role.THREAD && role != Role.LOGGER) || strong);
        if ((role == Role.LOGGER && dotted(to) >= 0.9)
                || (role == Role.THREAD && distinct(to) <= Math.max(6, count / 8))) {
            sure = true;
        }
        if (!sure && !strong && timed && !levelAhead(used)) {
            return false;
        }
        take(elements, used, role, (char) 0, to, 0);
        return true;
    }

    private void take(
            List<Layout.Element> elements,
            Set<Role> used,
            Role role,
            char open,
            int[] to,
            int past) {
        elements.add(new Layout.Field(role, open));
        if (role != Role.OTHER) {
            used.add(role);
        }
        int[] target = to.clone();
        int[] from = at.clone();
        boolean[] good = new boolean[count];
        for (int i = 0; i < count; i++) {
            good[i] = target[i] > 0 && target[i] + past > from[i];
        }
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (good[i]) {
                at[kept] = target[i] + past;
                end[kept] = end[i];
                stampFrom[kept] = stampFrom[i];
                stampTo[kept] = stampTo[i];
                kept++;
            }
        }
        count = kept;
    }

    private byte commonBracket() {
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
    private int token(int from, int limit) {
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

    private boolean strongSeparatorAfter(int[] to, int past) {
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
    private boolean namedAfter(int[] close) {
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
    private boolean levelAhead(Set<Role> used) {
        if (used.contains(Role.LEVEL)) {
            return false;
        }
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

    private interface Offset {
        int of(int line);
    }

    private Role classify(Offset from, Offset to, Test there, Set<Role> used, boolean bracketed) {
        Column column = new Column();
        for (int i = 0; i < count; i++) {
            if (there.holds(i)) {
                column.add(bytes, from.of(i), to.of(i));
            }
        }
        return column.role(used, bracketed);
    }

    private double dotted(int[] to) {
        return share(i -> to[i] > at[i] && Column.dotted(bytes, at[i], to[i]));
    }

    private int distinct(int[] to) {
        Set<String> values = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (to[i] > at[i]) {
                values.add(new String(bytes, at[i], to[i] - at[i], StandardCharsets.ISO_8859_1));
            }
        }
        return values.size();
    }
}
