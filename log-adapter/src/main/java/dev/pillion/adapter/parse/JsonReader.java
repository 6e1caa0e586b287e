package dev.pillion.adapter.parse;

/**
 * Reads one JSON object a line and hands its leaves to {@link Fields}, keys of nested objects
 * joined by dots, arrays as their JSON text. Strict enough to tell JSON from text, bounded in
 * depth.
 */
final class JsonReader {

    private static final int DEPTH_LIMIT = 16;

    private final Fields fields;
    private byte[] b = {};
    private int at;
    private int to;
    private byte[] path = new byte[256];

    JsonReader(Fields fields) {
        this.fields = fields;
    }

    /** Whether the bytes were one whole object. */
    boolean read(byte[] bytes, int from, int to, ParsedRecord out) {
        this.b = bytes;
        this.at = from;
        this.to = to;
        boolean whole = object(0, 0, out);
        blanks();
        return whole && at == to;
    }

    private boolean object(int pathLength, int depth, ParsedRecord out) {
        if (depth > DEPTH_LIMIT || at >= to || b[at] != '{') {
            return false;
        }
        at++;
        blanks();
        if (at < to && b[at] == '}') {
            at++;
            return true;
        }
        while (true) {
            blanks();
            int keyFrom = at + 1;
            if (!string()) {
                return false;
            }
            int keyTo = at - 1;
            blanks();
            if (at >= to || b[at] != ':') {
                return false;
            }
            at++;
            blanks();
            int length = extend(pathLength, keyFrom, keyTo);
            if (!value(length, depth, out)) {
                return false;
            }
            blanks();
            if (at >= to) {
                return false;
            }
            byte c = b[at++];
            if (c == '}') {
                return true;
            }
            if (c != ',') {
                return false;
            }
        }
    }

    private boolean value(int pathLength, int depth, ParsedRecord out) {
        if (at >= to) {
            return false;
        }
        byte c = b[at];
        if (c == '"') {
            int from = at + 1;
            if (!string()) {
                return false;
            }
            int end = at - 1;
            int resolved = Escapes.resolve(b, from, end, out);
            if (resolved >= 0) {
                fields.text(path, 0, pathLength, out.scratch, resolved, out.scratchLength);
            } else {
                fields.text(path, 0, pathLength, b, from, end);
            }
            return true;
        }
        if (c == '{') {
            return object(pathLength, depth + 1, out);
        }
        int from = at;
        if (c == '[') {
            if (!array()) {
                return false;
            }
            fields.text(path, 0, pathLength, b, from, at);
            return true;
        }
        while (at < to && b[at] != ',' && b[at] != '}' && b[at] != ' ') {
            at++;
        }
        if (at == from) {
            return false;
        }
        fields.bare(path, 0, pathLength, b, from, at);
        return true;
    }

    private boolean array() {
        int depth = 0;
        while (at < to) {
            byte c = b[at];
            if (c == '"') {
                if (!string()) {
                    return false;
                }
                continue;
            }
            at++;
            if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
                if (depth == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private int extend(int pathLength, int keyFrom, int keyTo) {
        int needed = pathLength + 1 + keyTo - keyFrom;
        if (needed > path.length) {
            path = java.util.Arrays.copyOf(path, needed * 2);
        }
        int length = pathLength;
        if (length > 0) {
            path[length++] = '.';
        }
        System.arraycopy(b, keyFrom, path, length, keyTo - keyFrom);
        return length + keyTo - keyFrom;
    }

    private boolean string() {
        if (at >= to || b[at] != '"') {
            return false;
        }
        for (at++; at < to; at++) {
            if (b[at] == '\\') {
                at++;
            } else if (b[at] == '"') {
                at++;
                return true;
            }
        }
        return false;
    }

    private void blanks() {
        while (at < to && (b[at] == ' ' || b[at] == '\t')) {
            at++;
        }
    }
}
