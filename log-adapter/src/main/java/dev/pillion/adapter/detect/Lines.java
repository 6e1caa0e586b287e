package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;

/** What can be told of a line without knowing its dialect. */
final class Lines {

    private static final byte[] CAUSED_BY = "Caused by: ".getBytes(StandardCharsets.US_ASCII);

    private Lines() {}

    /** Lines that never start a record: indented ones, empty ones, a cause's first line. */
    static boolean continuation(byte[] bytes, int from, int to) {
        return from >= to
                || StampFormat.blank(bytes[from])
                || startsWith(bytes, from, to, CAUSED_BY);
    }

    static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
        return to - from >= prefix.length
                && bytes[from] == prefix[0]
                && java.util.Arrays.equals(
                        bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    /** Skips terminal colour sequences: ESC [ … letter. */
    static int skipAnsi(byte[] bytes, int from, int to) {
        int at = from;
        while (at + 1 < to && bytes[at] == 0x1B && bytes[at + 1] == '[') {
            int end = at + 2;
            while (end < to && !StampFormat.letter(bytes[end])) {
                end++;
            }
            if (end >= to) {
                return at;
            }
            at = end + 1;
        }
        return at;
    }
}
