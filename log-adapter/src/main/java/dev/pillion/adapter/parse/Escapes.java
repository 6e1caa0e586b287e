package dev.pillion.adapter.parse;

/** Resolves the escapes of JSON strings (RFC 8259, section 7) into a record's scratch array. */
final class Escapes {

    private Escapes() {}

    /**
     * @return where in the scratch array the resolved text begins (it ends at {@code
     *     scratchLength}), or -1 if there was nothing to resolve
     */
    static int resolve(byte[] b, int from, int to, ParsedRecord out) {
        int first = from;
        while (first < to && b[first] != '\\') {
            first++;
        }
        if (first == to) {
            return -1;
        }
        out.reserve(to - from + 4);
        byte[] s = out.scratch;
        int start = out.scratchLength;
        System.arraycopy(b, from, s, start, first - from);
        int at = start + first - from;
        int i = first;
        while (i < to) {
            byte c = b[i++];
            if (c != '\\' || i >= to) {
                s[at++] = c;
                continue;
            }
            byte e = b[i++];
            switch (e) {
                case 'n' -> s[at++] = '\n';
                case 't' -> s[at++] = '\t';
                case 'r' -> s[at++] = '\r';
                case 'b' -> s[at++] = '\b';
                case 'f' -> s[at++] = '\f';
                case 'u' -> {
                    int code = hex(b, i, to);
                    if (code < 0) {
                        s[at++] = '\\';
                        s[at++] = 'u';
                        continue;
                    }
                    i += 4;
                    if (code >= 0xD800
                            && code < 0xDC00
                            && i + 1 < to
                            && b[i] == '\\'
                            && b[i + 1] == 'u') {
                        int low = hex(b, i + 2, to);
                        if (low >= 0xDC00 && low < 0xE000) {
                            code = Character.toCodePoint((char) code, (char) low);
                            i += 6;
                        }
                    }
                    at = utf8(code, s, at);
                }
                default -> s[at++] = e;
            }
        }
        out.scratchLength = at;
        return start;
    }

    private static int utf8(int code, byte[] s, int from) {
        int at = from;
        if (code >= 0xD800 && code < 0xE000) {
            s[at++] = '?';
        } else if (code < 0x80) {
            s[at++] = (byte) code;
        } else if (code < 0x800) {
            s[at++] = (byte) (0xC0 | code >> 6);
            s[at++] = (byte) (0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            s[at++] = (byte) (0xE0 | code >> 12);
            s[at++] = (byte) (0x80 | (code >> 6 & 0x3F));
            s[at++] = (byte) (0x80 | (code & 0x3F));
        } else {
            s[at++] = (byte) (0xF0 | code >> 18);
            s[at++] = (byte) (0x80 | (code >> 12 & 0x3F));
            s[at++] = (byte) (0x80 | (code >> 6 & 0x3F));
            s[at++] = (byte) (0x80 | (code & 0x3F));
        }
        return at;
    }

    private static int hex(byte[] b, int from, int to) {
        if (from + 4 > to) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(b[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
