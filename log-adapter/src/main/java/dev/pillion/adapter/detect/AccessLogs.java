package dev.pillion.adapter.detect;

import java.util.Arrays;

/**
 * Reads a line of the common or combined log format (Apache httpd, mod_log_config). Offsets of the
 * fields go to an array: from at {@code field}, to at {@code field + 1}; -1 if absent.
 */
public final class AccessLogs {

    public static final int HOST = 0;
    public static final int USER = 2;
    public static final int METHOD = 4;
    public static final int PATH = 6;
    public static final int PROTOCOL = 8;
    public static final int STATUS = 10;
    public static final int SIZE = 12;
    public static final int REFERRER = 14;
    public static final int AGENT = 16;

    /** Length of the array. */
    public static final int FIELDS = 18;

    private static final StampFormat TIME = new StampFormat("d'/N'/Y':H':m':sF z");

    private AccessLogs() {}

    /**
     * @return whether the line is of that format; then {@code stamp} holds its time
     */
    public static boolean match(byte[] b, int from, int to, int[] fields, Stamp stamp) {
        Arrays.fill(fields, -1);
        int at = word(b, from, to, fields, HOST);
        at = at < 0 ? -1 : word(b, at, to, fields, USER);
        at = at < 0 ? -1 : word(b, at, to, fields, USER);
        if (at < 0 || at >= to || b[at] != '[') {
            return false;
        }
        int end = TIME.match(b, at + 1, to, stamp);
        if (end < 0 || end + 2 >= to || b[end] != ']' || b[end + 1] != ' ' || b[end + 2] != '"') {
            return false;
        }
        int request = end + 3;
        int close = quoteEnd(b, request, to);
        if (close < 0) {
            return false;
        }
        request(b, request, close, fields);
        at = close + 2;
        at = at > to ? -1 : word(b, at, to, fields, STATUS);
        if (at < 0 || !StampFormat.digit(b[fields[STATUS]])) {
            return false;
        }
        int size = at;
        while (at < to && b[at] != ' ') {
            at++;
        }
        if (at > size && StampFormat.digit(b[size])) {
            fields[SIZE] = size;
            fields[SIZE + 1] = at;
        }
        at = quoted(b, at, to, fields, REFERRER);
        if (at > 0) {
            quoted(b, at, to, fields, AGENT);
        }
        return true;
    }

    private static int word(byte[] b, int from, int to, int[] fields, int field) {
        int at = from;
        while (at < to && b[at] != ' ') {
            at++;
        }
        if (at == from || at >= to) {
            // A line may end after the status.
            if (at == from || field != STATUS) {
                return -1;
            }
        }
        fields[field] = from;
        fields[field + 1] = at;
        return Math.min(to, at + 1);
    }

    private static void request(byte[] b, int from, int to, int[] fields) {
        int space = from;
        while (space < to && b[space] != ' ') {
            space++;
        }
        int last = to;
        while (last > space && b[last - 1] != ' ') {
            last--;
        }
        if (space >= to || last <= space + 1) {
            return;
        }
        fields[METHOD] = from;
        fields[METHOD + 1] = space;
        fields[PATH] = space + 1;
        fields[PATH + 1] = last - 1;
        fields[PROTOCOL] = last;
        fields[PROTOCOL + 1] = to;
    }

    private static int quoted(byte[] b, int from, int to, int[] fields, int field) {
        if (from + 1 >= to || b[from] != ' ' || b[from + 1] != '"') {
            return -1;
        }
        int end = quoteEnd(b, from + 2, to);
        if (end < 0) {
            return -1;
        }
        fields[field] = from + 2;
        fields[field + 1] = end;
        return end + 1;
    }

    private static int quoteEnd(byte[] b, int from, int to) {
        for (int at = from; at < to; at++) {
            if (b[at] == '\\') {
                at++;
            } else if (b[at] == '"') {
                return at;
            }
        }
        return -1;
    }
}
