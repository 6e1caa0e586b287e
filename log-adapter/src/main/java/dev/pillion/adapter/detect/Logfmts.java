package dev.pillion.adapter.detect;

/** The small grammar of logfmt: {@code key=bare key="quoted \" text"}. */
public final class Logfmts {

    private Logfmts() {}

    /**
     * @return the offset of the {@code =} after the key at {@code from}, or -1 if no key is there
     */
    public static int keyEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && at - from < 64) {
            byte b = bytes[at];
            if (b == '=') {
                return at > from ? at : -1;
            }
            boolean ok =
                    StampFormat.letter(b)
                            || b == '_'
                            || (at > from
                                    && (StampFormat.digit(b) || b == '.' || b == '-' || b == '@'));
            if (!ok && !(at == from && b == '@')) {
                return -1;
            }
            at++;
        }
        return -1;
    }

    /**
     * @param from first byte after the {@code =}
     * @return first byte after the value, closing quote included
     */
    public static int valueEnd(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '"') {
            for (int at = from + 1; at < to; at++) {
                if (bytes[at] == '\\') {
                    at++;
                } else if (bytes[at] == '"') {
                    return at + 1;
                }
            }
            return to;
        }
        int at = from;
        while (at < to && bytes[at] != ' ') {
            at++;
        }
        return at;
    }
}
