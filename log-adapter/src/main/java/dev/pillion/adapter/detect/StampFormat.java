package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;

/**
 * One way of writing a time stamp, as a short program over bytes. {@link StampForms} finds the
 * program of an unknown stamp; {@link #match} runs it on each line. Immutable.
 *
 * <p>Letters: {@code Y} four-digit year, {@code y} two-digit year, {@code M}/{@code O} month as one
 * or two / exactly two digits, {@code N} month name, {@code d}/{@code D} day likewise, {@code W}
 * day of the week, {@code H}/{@code h} hour likewise, {@code m} minute, {@code s} second, {@code F}
 * fraction or nothing, {@code A} AM or PM, {@code z} zone, {@code E} seconds, milliseconds,
 * microseconds or nanoseconds since 1970. A blank stands for one or more blanks; everything after a
 * quote is itself.
 */
public final class StampFormat {

    private final String ops;
    private final byte[] program;

    /**
     * @param ops the program
     */
    public StampFormat(String ops) {
        this.ops = ops;
        this.program = ops.getBytes(StandardCharsets.US_ASCII);
    }

    /** The program. */
    String ops() {
        return ops;
    }

    /**
     * Reads a stamp.
     *
     * @return the offset after it, or -1 if there is none of this form; then {@code into} is void
     */
    public int match(byte[] bytes, int from, int to, Stamp into) {
        into.clear();
        int at = from;
        byte[] letters = program;
        for (int i = 0; i < letters.length; i++) {
            byte op = letters[i];
            switch (op) {
                case 'Y' -> {
                    int value = StampParts.digits(bytes, at, to, 4);
                    if (value < 1970 || value > 2199) {
                        return -1;
                    }
                    into.year = value;
                    at += 4;
                }
                case 'y' -> {
                    int value = StampParts.digits(bytes, at, to, 2);
                    if (value < 0) {
                        return -1;
                    }
                    into.year = value < 70 ? 2000 + value : 1900 + value;
                    at += 2;
                }
                case 'M', 'O' -> {
                    int width = op == 'O' ? 2 : StampParts.width(bytes, at, to);
                    int value = width == 0 ? -1 : StampParts.digits(bytes, at, to, width);
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
                    int width = op == 'D' ? 2 : StampParts.width(bytes, at, to);
                    int value = width == 0 ? -1 : StampParts.digits(bytes, at, to, width);
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
                    int width = op == 'h' ? 2 : StampParts.width(bytes, at, to);
                    int value = width == 0 ? -1 : StampParts.digits(bytes, at, to, width);
                    if (value < 0 || value > 24) {
                        return -1;
                    }
                    into.hour = value;
                    at += width;
                }
                case 'm' -> {
                    int value = StampParts.digits(bytes, at, to, 2);
                    if (value < 0 || value > 59) {
                        return -1;
                    }
                    into.minute = value;
                    at += 2;
                }
                case 's' -> {
                    int value = StampParts.digits(bytes, at, to, 2);
                    if (value < 0 || value > 60) {
                        return -1;
                    }
                    into.second = value;
                    at += 2;
                }
                case 'F' -> at = StampParts.fraction(bytes, at, to, into);
                case 'N' -> {
                    int month = StampParts.month(bytes, at, to);
                    if (month < 0) {
                        return -1;
                    }
                    into.month = month + 1;
                    at = StampParts.wordEnd(bytes, at, to);
                }
                case 'W' -> {
                    if (StampParts.weekday(bytes, at, to) < 0) {
                        return -1;
                    }
                    at = StampParts.wordEnd(bytes, at, to);
                }
                case 'A' -> {
                    at = StampParts.halfDay(bytes, at, to, into);
                    if (at < 0) {
                        return -1;
                    }
                }
                case 'z' -> {
                    at = StampParts.zone(bytes, at, to, into);
                    if (at < 0) {
                        return -1;
                    }
                }
                case 'E' -> {
                    at = StampParts.epoch(bytes, at, to, into);
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
                    if (at >= to || bytes[at] != letters[i]) {
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

    @Override
    public boolean equals(Object other) {
        return other instanceof StampFormat format && ops.equals(format.ops);
    }

    @Override
    public int hashCode() {
        return ops.hashCode();
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
