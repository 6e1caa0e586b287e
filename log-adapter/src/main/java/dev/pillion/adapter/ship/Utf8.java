package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Scan;
import dev.pillion.adapter.parse.Slice;

import java.nio.charset.StandardCharsets;

/**
 * Makes text fit for a protobuf string, which must be UTF-8: a receiver may refuse a whole request
 * for one broken byte. Text that is right, nearly all, is not touched.
 */
final class Utf8 {

    private Utf8() {}

    static void mend(Slice slice) {
        if (!valid(slice.array(), slice.from(), slice.from() + slice.length())) {
            byte[] mended = slice.toString().getBytes(StandardCharsets.UTF_8);
            slice.replace(mended);
        }
    }

    /** Whether the bytes are well-formed UTF-8 (Unicode, table 3-7). */
    static boolean valid(byte[] b, int from, int to) {
        for (int i = Scan.ascii(b, from, to); i < to; i = Scan.ascii(b, i, to)) {
            int c = b[i++] & 0xFF;
            int more;
            int low = 0x80;
            int high = 0xBF;
            if (c >= 0xC2 && c <= 0xDF) {
                more = 1;
            } else if (c >= 0xE0 && c <= 0xEF) {
                more = 2;
                low = c == 0xE0 ? 0xA0 : 0x80;
                high = c == 0xED ? 0x9F : 0xBF;
            } else if (c >= 0xF0 && c <= 0xF4) {
                more = 3;
                low = c == 0xF0 ? 0x90 : 0x80;
                high = c == 0xF4 ? 0x8F : 0xBF;
            } else {
                return false;
            }
            if (i + more > to) {
                return false;
            }
            int second = b[i] & 0xFF;
            if (second < low || second > high) {
                return false;
            }
            for (int k = 1; k < more; k++) {
                if ((b[i + k] & 0xC0) != 0x80) {
                    return false;
                }
            }
            i += more;
        }
        return true;
    }
}
