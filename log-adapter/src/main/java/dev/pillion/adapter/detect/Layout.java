package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A header grammar: elements in their order, matched on bytes. Immutable.
 *
 * @param elements stamp, separators and fields up to the message
 */
public record Layout(List<Element> elements) {

    /** A part of the header. */
    public sealed interface Element {}

    /** The time stamp. */
    public record Time(StampFormat format) implements Element {}

    /**
     * Text between fields.
     *
     * @param core its bytes but for blanks around them; may be empty
     * @param before whether a blank must stand before the core
     * @param after whether a blank must stand after the core
     */
    public record Separator(String core, boolean before, boolean after) implements Element {}

    /**
     * A field.
     *
     * @param open the bracket around it, or 0
     */
    public record Field(Role role, char open) implements Element {}

    /** The tag of syslog: {@code name[pid]: } or {@code name: }. */
    public record Tag() implements Element {}

    /** The header goes on in the next line, as java.util.logging has it. */
    public record NextLine() implements Element {}

    public Layout {
        elements = List.copyOf(elements);
    }

    /** The longest field looked for: what is longer is not a header. */
    static final int FIELD_LIMIT = 512;

    boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
        match(bytes, from, to, stamp, header, true);
        return header.timed;
    }

    /**
     * Reads the header as far as it goes. {@code header.timed} says whether the stamp was reached,
     * {@code header.complete} whether all was.
     */
    public void match(byte[] bytes, int from, int to, Stamp stamp, Header header) {
        match(bytes, from, to, stamp, header, false);
    }

    private void match(
            byte[] bytes, int from, int to, Stamp stamp, Header header, boolean untilTimed) {
        header.clear();
        header.messageFrom = from;
        int at = from;
        int count = elements.size();
        int limit = to;
        for (int i = 0; i < count; i++) {
            at = Lines.skipAnsi(bytes, at, limit);
            switch (elements.get(i)) {
                case Time time -> {
                    int end = time.format().match(bytes, at, limit, stamp);
                    if (end < 0) {
                        return;
                    }
                    header.timed = true;
                    at = end;
                    if (untilTimed) {
                        return;
                    }
                }
                case Separator separator -> {
                    int end = skip(separator, bytes, at, limit);
                    if (end < 0) {
                        return;
                    }
                    at = end;
                }
                case Field field -> {
                    int end = field(field, i, bytes, at, limit, header);
                    if (end < 0) {
                        return;
                    }
                    at = end;
                }
                case Tag tag -> {
                    int end = tag(bytes, at, limit, header);
                    if (end < 0) {
                        return;
                    }
                    at = end;
                }
                case NextLine next -> {
                    while (at < limit && bytes[at] != '\n') {
                        at++;
                    }
                    if (at >= limit) {
                        return;
                    }
                    at++;
                }
            }
            if (header.timed) {
                header.messageFrom = at;
            }
        }
        header.messageFrom = Lines.skipAnsi(bytes, at, limit);
        header.complete = true;
    }

    static int skip(Separator separator, byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && StampFormat.blank(bytes[at])) {
            at++;
        }
        if (separator.before() && at == from && at < to) {
            return -1;
        }
        String core = separator.core();
        for (int i = 0; i < core.length(); i++) {
            if (at >= to || bytes[at] != core.charAt(i)) {
                return -1;
            }
            at++;
        }
        int afterCore = at;
        while (at < to && StampFormat.blank(bytes[at])) {
            at++;
        }
        if (separator.after() && at == afterCore && !core.isEmpty() && !lineEnds(bytes, at, to)) {
            return -1;
        }
        return at;
    }

    private static boolean lineEnds(byte[] bytes, int at, int to) {
        return at >= to || bytes[at] == '\n' || bytes[at] == '\r';
    }

    private int field(Field field, int index, byte[] bytes, int from, int to, Header header) {
        int start = from;
        int end;
        int after;
        if (field.open() != 0) {
            if (from >= to || bytes[from] != field.open()) {
                return -1;
            }
            end = close(bytes, from, to);
            if (end < 0) {
                return -1;
            }
            start = from + 1;
            after = end + 1;
        } else {
            Separator next =
                    index + 1 < elements.size() && elements.get(index + 1) instanceof Separator s
                            ? s
                            : null;
            end = tokenEnd(next, bytes, from, to);
            if (end < 0) {
                return -1;
            }
            after = end;
        }
        int valueFrom = Lines.skipAnsi(bytes, start, end);
        while (valueFrom < end && StampFormat.blank(bytes[valueFrom])) {
            valueFrom++;
        }
        int valueTo = valueFrom;
        while (valueTo < end && bytes[valueTo] != 0x1B) {
            valueTo++;
        }
        while (valueTo > valueFrom && StampFormat.blank(bytes[valueTo - 1])) {
            valueTo--;
        }
        if (field.role() == Role.LEVEL && Severity.ofWordOrLetter(bytes, valueFrom, valueTo) == 0) {
            return -1;
        }
        if (field.role() == Role.PID && !number(bytes, valueFrom, valueTo)) {
            return -1;
        }
        if (valueTo > valueFrom) {
            header.set(field.role(), valueFrom, valueTo);
        }
        return after;
    }

    private static boolean number(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!StampFormat.digit(bytes[i])) {
                return false;
            }
        }
        return to > from;
    }

    /** Where an unbracketed field ends: before its separator, or at a blank. */
    static int tokenEnd(Separator next, byte[] bytes, int from, int to) {
        int limit = Math.min(to, from + FIELD_LIMIT);
        boolean cored = next != null && !next.core().isEmpty();
        boolean stops = cored && !next.before();
        char core = cored ? next.core().charAt(0) : 0;
        for (int at = from; at < limit; at++) {
            byte b = bytes[at];
            if (b > ' ' && !(stops && b == core)) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                return at > from && (next == null || !cored) ? at : -1;
            }
            if (StampFormat.blank(b)) {
                if (at == from) {
                    return -1;
                }
                return !cored || skip(next, bytes, at, to) >= 0 ? at : -1;
            }
            if (stops && at > from && b == core && skip(next, bytes, at, to) >= 0) {
                return at;
            }
        }
        return limit == to && to > from && !cored ? to : -1;
    }

    /** The bracket that closes the one at {@code from}, nested ones skipped; -1 if none. */
    static int close(byte[] bytes, int from, int to) {
        byte open = bytes[from];
        byte close = closing(open);
        int depth = 0;
        int limit = Math.min(to, from + FIELD_LIMIT);
        for (int at = from; at < limit; at++) {
            byte b = bytes[at];
            if (b == close && at > from) {
                depth--;
                if (depth == 0) {
                    return at;
                }
            } else if (b == open) {
                depth++;
            } else if (b == '\n') {
                return -1;
            }
        }
        return -1;
    }

    static byte closing(byte open) {
        return switch (open) {
            case '[' -> ']';
            case '(' -> ')';
            case '<' -> '>';
            case '{' -> '}';
            case '"' -> '"';
            default -> 0;
        };
    }

    /** {@code name[pid]: } or {@code name: }; a name with blanks in it only before a pid. */
    static int tag(byte[] bytes, int from, int to, Header header) {
        int limit = Math.min(to, from + 96);
        boolean blanks = false;
        for (int at = from; at < limit; at++) {
            byte b = bytes[at];
            if (b == '\n') {
                return -1;
            }
            if (b == ':'
                    && !blanks
                    && (at + 1 >= to
                            || bytes[at + 1] == ' '
                            || bytes[at + 1] == '\n'
                            || bytes[at + 1] == '\r')) {
                header.set(Role.APP, from, at);
                return Math.min(to, at + 1 < to && bytes[at + 1] == ' ' ? at + 2 : at + 1);
            }
            if (b == '[' && at > from) {
                int end = at + 1;
                while (end < to && StampFormat.digit(bytes[end])) {
                    end++;
                }
                if (end > at + 1 && end < to && bytes[end] == ']') {
                    int after = end + 1;
                    // macOS writes name[pid] (other.name[pid]): at times.
                    if (after + 1 < to && bytes[after] == ' ' && bytes[after + 1] == '(') {
                        int close = close(bytes, after + 1, to);
                        after = close > 0 ? close + 1 : after;
                    }
                    if (after < to && bytes[after] == ':') {
                        header.set(Role.APP, from, at);
                        header.set(Role.PID, at + 1, end);
                        after++;
                        return after < to && bytes[after] == ' ' ? after + 1 : after;
                    }
                }
            }
            blanks |= b == ' ';
        }
        return -1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Element element : elements) {
            switch (element) {
                case Time time -> text.append("%d{").append(time.format()).append('}');
                case Separator s ->
                        text.append(s.before() ? " " : "")
                                .append(s.core())
                                .append(
                                        s.after() || (s.core().isEmpty() && !s.before())
                                                ? " "
                                                : "");
                case Field f -> {
                    String name =
                            switch (f.role()) {
                                case LEVEL -> "%p";
                                case THREAD -> "%t";
                                case LOGGER -> "%c";
                                case PID -> "%pid";
                                case HOST -> "%host";
                                case APP -> "%app";
                                case METHOD -> "%M";
                                case OTHER -> "%x";
                            };
                    if (f.open() != 0) {
                        text.append(f.open()).append(name).append((char) closing((byte) f.open()));
                    } else {
                        text.append(name);
                    }
                }
                case Tag tag -> text.append("%app[%pid]: ");
                case NextLine next -> text.append("%n");
            }
        }
        return text.append("%m").toString();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
