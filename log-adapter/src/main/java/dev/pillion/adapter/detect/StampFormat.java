package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One way of writing a time stamp, as a short program over bytes. {@link #infer} finds the program
 * of an unknown stamp; {@link #match} runs it on each line.
 *
 * <p>Letters: {@code Y} four-digit year, {@code y} two-digit year, {@code M}/{@code O} month as one
 * or two / exactly two digits, {@code N} month name, {@code d}/{@code D} day likewise, {@code W}
 * day of the week, {@code H}/{@code h} hour likewise, {@code m} minute, {@code s} second, {@code F}
 * fraction or nothing, {@code A} AM or PM, {@code z} zone, {@code E} seconds, milliseconds,
 * microseconds or nanoseconds since 1970. A blank stands for one or more blanks; everything after a
 * quote is itself.
 *
 * @param ops the program
 */
public record StampFormat(String ops) {

    private static final String[] MONTHS = {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
    };
    private static final String[] DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    /** Zone names seen in logs; an ambiguous one has its most common meaning. */
    private static final Map<String, Integer> ZONES =
            Map.ofEntries(
                    Map.entry("UTC", 0),
                    Map.entry("GMT", 0),
                    Map.entry("WET", 0),
                    Map.entry("WEST", 3600),
                    Map.entry("BST", 3600),
                    Map.entry("CET", 3600),
                    Map.entry("MEZ", 3600),
                    Map.entry("CEST", 7200),
                    Map.entry("MESZ", 7200),
                    Map.entry("EET", 7200),
                    Map.entry("EEST", 10800),
                    Map.entry("MSK", 10800),
                    Map.entry("IST", 19800),
                    Map.entry("JST", 32400),
                    Map.entry("KST", 32400),
                    Map.entry("AEST", 36000),
                    Map.entry("AEDT", 39600),
                    Map.entry("EST", -18000),
                    Map.entry("EDT", -14400),
                    Map.entry("CST", -21600),
                    Map.entry("CDT", -18000),
                    Map.entry("MST", -25200),
                    Map.entry("MDT", -21600),
                    Map.entry("PST", -28800),
                    Map.entry("PDT", -25200));

    /**
     * Reads a stamp.
     *
     * @return the offset after it, or -1 if there is none of this form; then {@code into} is void
     */
    public int match(byte[] bytes, int from, int to, Stamp into) {
        into.clear();
        int at = from;
        int length = ops.length();
        for (int i = 0; i < length; i++) {
            char op = ops.charAt(i);
            switch (op) {
                case 'Y' -> {
                    int value = digits(bytes, at, to, 4);
                    if (value < 1970 || value > 2199) {
                        return -1;
                    }
                    into.year = value;
                    at += 4;
                }
                case 'y' -> {
                    int value = digits(bytes, at, to, 2);
                    if (value < 0) {
                        return -1;
                    }
                    into.year = value < 70 ? 2000 + value : 1900 + value;
                    at += 2;
                }
                case 'M', 'O' -> {
                    int width = op == 'O' ? 2 : width(bytes, at, to);
                    int value = width == 0 ? -1 : digits(bytes, at, to, width);
                    if (value < 1 || value > 12) {
                        return -1;
                    }
                    into.month = value;
                    at += width;
                }
                case 'd', 'D' -> {
                    if (op == 'd' && at < to && bytes[at] == ' ') {
                        at++;
                    }
                    int width = op == 'D' ? 2 : width(bytes, at, to);
                    int value = width == 0 ? -1 : digits(bytes, at, to, width);
                    if (value < 1 || value > 31) {
                        return -1;
                    }
                    into.day = value;
                    at += width;
                }
                case 'H', 'h' -> {
                    if (op == 'H' && at < to && bytes[at] == ' ') {
                        at++;
                    }
                    int width = op == 'h' ? 2 : width(bytes, at, to);
                    int value = width == 0 ? -1 : digits(bytes, at, to, width);
                    if (value < 0 || value > 24) {
                        return -1;
                    }
                    into.hour = value;
                    at += width;
                }
                case 'm' -> {
                    int value = digits(bytes, at, to, 2);
                    if (value < 0 || value > 59) {
                        return -1;
                    }
                    into.minute = value;
                    at += 2;
                }
                case 's' -> {
                    int value = digits(bytes, at, to, 2);
                    if (value < 0 || value > 60) {
                        return -1;
                    }
                    into.second = value;
                    at += 2;
                }
                case 'F' -> at = fraction(bytes, at, to, into);
                case 'N' -> {
                    int month = name(MONTHS, bytes, at, to);
                    if (month < 0) {
                        return -1;
                    }
                    into.month = month + 1;
                    at = wordEnd(bytes, at, to);
                }
                case 'W' -> {
                    if (name(DAYS, bytes, at, to) < 0) {
                        return -1;
                    }
                    at = wordEnd(bytes, at, to);
                }
                case 'A' -> {
                    at = halfDay(bytes, at, to, into);
                    if (at < 0) {
                        return -1;
                    }
                }
                case 'z' -> {
                    at = zone(bytes, at, to, into);
                    if (at < 0) {
                        return -1;
                    }
                }
                case 'E' -> {
                    at = epoch(bytes, at, to, into);
                    if (at < 0) {
                        return -1;
                    }
                }
                case ' ' -> {
                    int start = at;
                    while (at < to && blank(bytes[at])) {
                        at++;
                    }
                    if (at == start) {
                        return -1;
                    }
                }
                case '\'' -> {
                    i++;
                    if (at >= to || bytes[at] != ops.charAt(i)) {
                        return -1;
                    }
                    at++;
                }
                default -> throw new IllegalStateException("unknown letter in " + ops);
            }
        }
        // Half a number is no stamp.
        return at < to && digit(bytes[at]) && digit(bytes[at - 1]) ? -1 : at;
    }

    /**
     * Finds the forms the stamp at {@code from} may have, the likeliest first; more than one only
     * where day, month and year cannot be told apart.
     */
    static List<StampFormat> infer(byte[] bytes, int from, int to) {
        Stamp scratch = new Stamp(java.time.ZoneOffset.UTC, java.time.Instant.EPOCH);
        List<StampFormat> found = new ArrayList<>(1);
        int limit = Math.min(to, from + 64);
        if (from >= limit) {
            return found;
        }
        byte first = bytes[from];
        if (!digit(first) && !letter(first)) {
            return found;
        }
        for (String date : DATES) {
            StampFormat dateOnly = new StampFormat(date);
            int end = dateOnly.match(bytes, from, limit, scratch);
            // The compact forms run on into the time of day.
            if (end < 0) {
                continue;
            }
            String whole = withTime(date, bytes, from, end, limit, scratch);
            if (whole != null) {
                found.add(new StampFormat(whole));
                if (!date.contains("'") || date.startsWith("Y") || date.contains("N")) {
                    break;
                }
            }
        }
        if (found.isEmpty() && new StampFormat("E").match(bytes, from, limit, scratch) > 0) {
            found.add(new StampFormat("E"));
        }
        return found;
    }

    /** Dates, the more telling first. */
    private static final String[] DATES = {
        "Y'-M'-d",
        "Y'/M'/d",
        "Y'.M'.d",
        "YOD",
        "d N Y",
        "d'-N'-Y",
        "d'/N'/Y",
        "d'.N'.Y",
        "d N y",
        "d'-N'-y",
        "d'/N'/y",
        "N d', Y",
        "N d Y",
        "N'-d'-Y",
        "W', d N Y",
        "W', d'-N'-Y",
        "W', N d', Y",
        "W N d Y",
        "W d N Y",
        "W N d",
        "W d N",
        "N d",
        "d N",
        "M'/d'/Y",
        "d'/M'/Y",
        "M'-d'-Y",
        "d'-M'-Y",
        "d'.M'.Y",
        "M'.d'.Y",
        "y'/M'/d",
        "M'/d'/y",
        "d'/M'/y",
        "y'-M'-d",
        "d'-M'-y",
        "M'-d'-y",
        "d'.M'.y",
        "y'.M'.d",
        "yOD",
        "DOy",
        "M'-d",
        "M'/d",
        "M'.d",
        "d'.M'.",
    };

    private static final String[] JOINTS = {
        " ", "'T", "':", "'-", "'_", "', ", " '- ", "'.", "'t", "'| ", "'|"
    };
    private static final String[] TIMES = {"H':m':sF", "hmsF", "H'.m'.sF", "H'-m'-sF", "H':m"};

    private static String withTime(
            String date, byte[] bytes, int from, int dateEnd, int limit, Stamp scratch) {
        for (String joint : JOINTS) {
            char needed = joint.charAt(0) == '\'' ? joint.charAt(1) : ' ';
            if (dateEnd >= limit
                    || (needed == ' ' ? !blank(bytes[dateEnd]) : bytes[dateEnd] != needed)) {
                continue;
            }
            for (String time : TIMES) {
                String ops = date + joint + time;
                int end = new StampFormat(ops).match(bytes, from, limit, scratch);
                if (end < 0) {
                    continue;
                }
                ops = extend(ops, " A", bytes, from, limit, scratch);
                ops = extend(ops, "A", bytes, from, limit, scratch);
                String zoned = extend(ops, "z", bytes, from, limit, scratch);
                zoned = zoned.equals(ops) ? extend(ops, " z", bytes, from, limit, scratch) : zoned;
                boolean yearAlready = date.indexOf('Y') >= 0 || date.indexOf('y') >= 0;
                return yearAlready ? zoned : extend(zoned, " Y", bytes, from, limit, scratch);
            }
        }
        return null;
    }

    private static String extend(
            String ops, String more, byte[] bytes, int from, int limit, Stamp scratch) {
        if (ops.endsWith("A") && more.endsWith("A")) {
            return ops;
        }
        int end = new StampFormat(ops + more).match(bytes, from, limit, scratch);
        return end < 0 ? ops : ops + more;
    }

    /** The form of a stamp that takes up all of the bytes. */
    public static java.util.Optional<StampFormat> whole(byte[] bytes, int from, int to) {
        Stamp scratch = new Stamp(java.time.ZoneOffset.UTC, java.time.Instant.EPOCH);
        return infer(bytes, from, to).stream()
                .filter(f -> f.match(bytes, from, to, scratch) == to)
                .findFirst();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ops.length(); i++) {
            char op = ops.charAt(i);
            switch (op) {
                case 'Y' -> text.append("yyyy");
                case 'y' -> text.append("yy");
                case 'M', 'O' -> text.append("MM");
                case 'N' -> text.append("MMM");
                case 'd', 'D' -> text.append("dd");
                case 'W' -> text.append("EEE");
                case 'H', 'h' -> text.append("HH");
                case 'm' -> text.append("mm");
                case 's' -> text.append("ss");
                case 'F' -> text.append("[.SSS]");
                case 'A' -> text.append("a");
                case 'z' -> text.append("XXX");
                case 'E' -> text.append("epoch");
                case '\'' -> text.append(ops.charAt(++i));
                default -> text.append(op);
            }
        }
        return text.toString();
    }

    private static int fraction(byte[] bytes, int from, int to, Stamp into) {
        if (from + 1 >= to
                || (bytes[from] != '.' && bytes[from] != ',' && bytes[from] != ':')
                || !digit(bytes[from + 1])) {
            return from;
        }
        int at = from + 1;
        int nanos = 0;
        int scale = 100_000_000;
        while (at < to && digit(bytes[at])) {
            nanos += (bytes[at] - '0') * scale;
            scale /= 10;
            at++;
        }
        into.nanos = nanos;
        return at;
    }

    private static int halfDay(byte[] bytes, int from, int to, Stamp into) {
        int at = from;
        // A narrow no-break space (U+202F) stands here in newer locale data.
        if (at + 2 < to
                && bytes[at] == (byte) 0xE2
                && bytes[at + 1] == (byte) 0x80
                && bytes[at + 2] == (byte) 0xAF) {
            at += 3;
        }
        if (at + 1 >= to || (bytes[at + 1] | 0x20) != 'm') {
            return -1;
        }
        int letter = bytes[at] | 0x20;
        into.am = letter == 'a';
        into.pm = letter == 'p';
        boolean ends = at + 2 >= to || !letter(bytes[at + 2]);
        return (into.am || into.pm) && ends ? at + 2 : -1;
    }

    private static int zone(byte[] bytes, int from, int to, Stamp into) {
        if (from >= to) {
            return -1;
        }
        byte first = bytes[from];
        if (first == '+' || first == '-') {
            int hours = digits(bytes, from + 1, to, 2);
            if (hours < 0 || hours > 18) {
                return -1;
            }
            int at = from + 3;
            int minutes = 0;
            if (at < to && bytes[at] == ':' && digits(bytes, at + 1, to, 2) >= 0) {
                minutes = digits(bytes, at + 1, to, 2);
                at += 3;
            } else if (digits(bytes, at, to, 2) >= 0) {
                minutes = digits(bytes, at, to, 2);
                at += 2;
            }
            int seconds = hours * 3600 + minutes * 60;
            into.offsetSeconds = first == '-' ? -seconds : seconds;
            return at;
        }
        int end = from;
        while (end < to && bytes[end] >= 'A' && bytes[end] <= 'Z') {
            end++;
        }
        if (end < to && (letter(bytes[end]) || digit(bytes[end]))) {
            return -1;
        }
        if (end == from + 1 && first == 'Z') {
            into.offsetSeconds = 0;
            return end;
        }
        if (end < from + 3 || end > from + 4) {
            return -1;
        }
        Integer offset = ZONES.get(new String(bytes, from, end - from, StandardCharsets.US_ASCII));
        if (offset == null) {
            return -1;
        }
        into.offsetSeconds = offset;
        return end;
    }

    private static int epoch(byte[] bytes, int from, int to, Stamp into) {
        int at = from;
        long value = 0;
        while (at < to && digit(bytes[at]) && at - from < 19) {
            value = value * 10 + (bytes[at] - '0');
            at++;
        }
        // From 2001 to 2033 for 10 digits; the finer units likewise.
        if (bytes[from] != '1' && bytes[from] != '2') {
            return -1;
        }
        into.epoch = true;
        switch (at - from) {
            case 10 -> {
                into.epochSeconds = value;
                return fraction(bytes, at, to, into);
            }
            case 13 -> {
                into.epochSeconds = value / 1000;
                into.nanos = (int) (value % 1000) * 1_000_000;
            }
            case 16 -> {
                into.epochSeconds = value / 1_000_000;
                into.nanos = (int) (value % 1_000_000) * 1000;
            }
            case 19 -> {
                into.epochSeconds = value / 1_000_000_000;
                into.nanos = (int) (value % 1_000_000_000);
            }
            default -> {
                return -1;
            }
        }
        return at;
    }

    private static int name(String[] names, byte[] bytes, int from, int to) {
        if (from + 3 > to) {
            return -1;
        }
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            if ((bytes[from] | 0x20) == name.charAt(0)
                    && (bytes[from + 1] | 0x20) == name.charAt(1)
                    && (bytes[from + 2] | 0x20) == name.charAt(2)) {
                return i;
            }
        }
        return -1;
    }

    private static int wordEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && letter(bytes[at])) {
            at++;
        }
        return at;
    }

    /** One or two digits: how many are there; 0 if none or more. */
    private static int width(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && digit(bytes[at]) && at - from < 3) {
            at++;
        }
        return at - from <= 2 ? at - from : 0;
    }

    private static int digits(byte[] bytes, int from, int to, int count) {
        if (from + count > to) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + count; i++) {
            if (!digit(bytes[i])) {
                return -1;
            }
            value = value * 10 + (bytes[i] - '0');
        }
        return value;
    }

    static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean letter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
    }

    static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }
}
