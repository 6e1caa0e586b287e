package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The values that one field has in the lines of a sample, and what they make of it: a level, a
 * number, a thread, a logger. Used by one {@link Inference}, for one field.
 */
final class Column {

    private static final Pattern DOTTED =
            Pattern.compile("[A-Za-z_$][\\w$\\-]*([.][\\w$\\-<>]+)+:?");
    private static final Pattern THREAD =
            Pattern.compile(
                    "main|[A-Za-z][\\w .:/@-]*[-_:# ][0-9]+(\\]?)|[\\w.-]*(exec|thread|pool|worker|Thread)[\\w.:-]*");
    private static final Pattern SIMPLE = Pattern.compile("[A-Za-z_$][\\w$\\-/.#]*");

    /** So large a share of the lines must agree on a number; the rest may be of another kind. */
    private static final double AGREE = 0.93;

    private final Set<String> values = new HashSet<>();
    private int count;
    private int levels;
    private int numbers;
    private int dotted;
    private int threads;
    private int simple;

    /** Whether a value is written as class names are. */
    static boolean dotted(byte[] bytes, int from, int to) {
        return DOTTED.matcher(text(bytes, from, to)).matches();
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, Math.max(0, to - from), StandardCharsets.ISO_8859_1);
    }

    /** Adds the value of one line. */
    void add(byte[] bytes, int begin, int end) {
        int from = Lines.skipAnsi(bytes, begin, end);
        int to = end;
        while (from < to && StampFormat.blank(bytes[from])) {
            from++;
        }
        while (to > from && StampFormat.blank(bytes[to - 1])) {
            to--;
        }
        count++;
        levels += Severity.ofWordOrLetter(bytes, from, to) > 0 ? 1 : 0;
        String value = text(bytes, from, to);
        values.add(value);
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            numbers++;
        } else if (DOTTED.matcher(value).matches()) {
            dotted++;
        } else if (THREAD.matcher(value).matches()) {
            threads++;
        } else if (SIMPLE.matcher(value).matches()) {
            simple++;
        }
    }

    /**
     * @param used roles that other fields of the layout have
     * @param bracketed whether the values stand in brackets
     */
    Role role(Set<Role> used, boolean bracketed) {
        if (count == 0) {
            return Role.OTHER;
        }
        if (levels >= 0.9 * count && !used.contains(Role.LEVEL)) {
            return Role.LEVEL;
        }
        if (numbers >= AGREE * count) {
            if (!used.contains(Role.PID)) {
                return Role.PID;
            }
            return used.contains(Role.THREAD) ? Role.OTHER : Role.THREAD;
        }
        if (threads >= 0.5 * count
                && threads + simple + numbers + dotted >= 0.9 * count
                && threads >= dotted) {
            return used.contains(Role.THREAD) ? Role.OTHER : Role.THREAD;
        }
        if (dotted + simple >= 0.85 * count
                && dotted >= 0.3 * count
                && !used.contains(Role.LOGGER)) {
            return Role.LOGGER;
        }
        if (simple + dotted + threads >= 0.9 * count && values.size() <= Math.max(40, count / 2)) {
            if (bracketed && !used.contains(Role.THREAD) && threads > 0) {
                return Role.THREAD;
            }
            if (!used.contains(Role.LOGGER) && used.contains(Role.LEVEL)) {
                return Role.LOGGER;
            }
            if (bracketed && !used.contains(Role.THREAD)) {
                return Role.THREAD;
            }
        }
        if (bracketed && threads >= 0.3 * count && !used.contains(Role.THREAD)) {
            return Role.THREAD;
        }
        return Role.OTHER;
    }
}
