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

    private final byte[] bytes;
    private final int[] starts;
    private final int[] ends;
    private final int lines;
    private final MainStamp stamps;
    private HeaderLines headers;

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
        List<MainStamp.Found> found = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            MainStamp.Found stamp = stamps.find(format, i);
            if (stamp != null && !Lines.continuation(bytes, starts[i], ends[i])) {
                found.add(stamp);
            }
        }
        found = alike(found);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        headers = new HeaderLines(bytes, starts, ends, found);
        Optional<Layout> syslog = KnownShapes.syslog(format, headers);
        if (syslog.isPresent()) {
            return syslog;
        }
        Optional<Layout> twoLines = KnownShapes.twoLines(format, found, bytes, starts, ends, lines);
        if (twoLines.isPresent()) {
            return twoLines;
        }
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

    private Layout walk(StampFormat format) {
        List<Layout.Element> elements = new ArrayList<>();
        Set<Role> used = new HashSet<>();
        boolean timed = false;
        for (int step = 0; step < 32; step++) {
            headers.ansi();
            if (!timed && headers.share(i -> headers.stampFrom[i] == headers.at[i]) >= 0.9) {
                headers.keep(i -> headers.stampFrom[i] == headers.at[i]);
                elements.add(new Layout.Time(format));
                for (int i = 0; i < headers.count; i++) {
                    headers.at[i] = headers.stampTo[i];
                }
                timed = true;
                continue;
            }
            boolean afterField =
                    !elements.isEmpty()
                            && (!(elements.getLast() instanceof Layout.Separator last)
                                    || (timed && closesOnly(last)));
            if (afterField || elements.isEmpty()) {
                Layout.Separator separator = headers.separator();
                if (separator != null) {
                    headers.advance(headers.behind(separator));
                    elements.add(separator);
                    continue;
                }
                if (afterField && elements.getLast() instanceof Layout.Time) {
                    // Something must part the stamp from what follows, if only a bracket.
                    if (headers.share(
                                            i ->
                                                    headers.at[i] < headers.end[i]
                                                            && Layout.closing(
                                                                            headers.bytes[
                                                                                    headers.at[i]])
                                                                    != 0)
                                    < HeaderLines.AGREE
                            && headers.share(i -> headers.at[i] >= headers.end[i])
                                    < HeaderLines.AGREE) {
                        break;
                    }
                }
            }
            if (bracketAroundStamp(elements, timed)) {
                continue;
            }
            if (timed && headers.share(i -> headers.at[i] >= headers.end[i]) > 0.5) {
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

    private boolean bracketAroundStamp(List<Layout.Element> elements, boolean timed) {
        if (timed
                || headers.share(
                                i ->
                                        headers.at[i] + 1 == headers.stampFrom[i]
                                                && Layout.closing(headers.bytes[headers.at[i]])
                                                        != 0)
                        < 0.9) {
            return false;
        }
        headers.keep(i -> headers.at[i] + 1 == headers.stampFrom[i]);
        byte open = headers.bytes[headers.at[0]];
        headers.keep(i -> headers.bytes[headers.at[i]] == open);
        elements.add(new Layout.Separator(String.valueOf((char) open), false, false));
        for (int i = 0; i < headers.count; i++) {
            headers.at[i]++;
        }
        return true;
    }

    private boolean field(List<Layout.Element> elements, Set<Role> used, boolean timed) {
        byte open = headers.commonBracket();
        if (open != 0) {
            int[] to = new int[headers.count];
            for (int i = 0; i < headers.count; i++) {
                to[i] =
                        headers.at[i] < headers.end[i] && headers.bytes[headers.at[i]] == open
                                ? Layout.close(headers.bytes, headers.at[i], headers.end[i])
                                : -1;
            }
            if (headers.share(i -> to[i] > 0) >= HeaderLines.AGREE) {
                Role role =
                        classify(i -> headers.at[i] + 1, i -> to[i], i -> to[i] > 0, used, true);
                boolean wanted =
                        role != Role.OTHER
                                || !timed
                                || levelAhead(used)
                                || headers.strongSeparatorAfter(to, 1)
                                || headers.namedAfter(to)
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
        int[] to = new int[headers.count];
        for (int i = 0; i < headers.count; i++) {
            to[i] = headers.token(headers.at[i], headers.end[i]);
        }
        if (headers.share(i -> to[i] > headers.at[i]) < HeaderLines.AGREE) {
            return false;
        }
        Role role =
                classify(i -> headers.at[i], i -> to[i], i -> to[i] > headers.at[i], used, false);
        boolean strong = headers.strongSeparatorAfter(to, 0);
        boolean sure =
                role != Role.OTHER && ((role != Role.THREAD && role != Role.LOGGER) || strong);
        if ((role == Role.LOGGER && headers.dotted(to) >= 0.9)
                || (role == Role.THREAD
                        && headers.distinct(to) <= Math.max(6, headers.count / 8))) {
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
        int[] next = new int[headers.count];
        for (int i = 0; i < next.length; i++) {
            next[i] = to[i] > 0 && to[i] + past > headers.at[i] ? to[i] + past : -1;
        }
        headers.advance(next);
    }

    private boolean levelAhead(Set<Role> used) {
        return !used.contains(Role.LEVEL) && headers.levelAhead();
    }

    private interface Offset {
        int of(int line);
    }

    private Role classify(
            Offset from, Offset to, HeaderLines.Test there, Set<Role> used, boolean bracketed) {
        Column column = new Column();
        for (int i = 0; i < headers.count; i++) {
            if (there.holds(i)) {
                column.add(headers.bytes, from.of(i), to.of(i));
            }
        }
        return column.role(used, bracketed);
    }
}
