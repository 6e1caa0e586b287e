package dev.pillion.central.ingest;

/**
 * A pull reader of JSON (RFC 8259) over text in memory: it makes no tree, so that a body costs no
 * more than itself. Nesting is bounded by the caller's limit. Not thread-safe.
 */
final class JsonReader {

    private final String text;
    private final int maxDepth;
    private int at;
    private int depth;

    JsonReader(String text, int maxDepth) {
        this.text = text;
        this.maxDepth = maxDepth;
    }

    /**
     * The kind of the next value: the character it begins with, where 0 stands for any number and t
     * for true or false.
     */
    char peek() {
        white();
        if (at == text.length()) {
            throw wrong("JSON ends too early");
        }
        char c = text.charAt(at);
        return switch (c) {
            case '{', '[', '"', 'n' -> c;
            case 't', 'f' -> 't';
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> '0';
            default -> throw wrong("unexpected character");
        };
    }

    void end() {
        white();
        if (at != text.length()) {
            throw wrong("text after the JSON value");
        }
    }

    /** Opens an object or array; then ask {@link #more}. */
    void open(char bracket) {
        expect(bracket);
        if (++depth > maxDepth) {
            throw wrong("nested deeper than " + maxDepth + " levels (central.ingest.depth)");
        }
        first = true;
    }

    private boolean first;

    /** Whether another element follows; consumes the comma, or the closing bracket. */
    boolean more(char closing) {
        white();
        if (at < text.length() && text.charAt(at) == closing) {
            at++;
            depth--;
            first = false;
            return false;
        }
        if (first) {
            first = false;
        } else {
            expect(',');
            white();
        }
        return true;
    }

    String name() {
        String name = string();
        expect(':');
        return name;
    }

    boolean bool() {
        white();
        if (text.startsWith("true", at)) {
            at += 4;
            return true;
        }
        if (text.startsWith("false", at)) {
            at += 5;
            return false;
        }
        throw wrong("true or false expected");
    }

    void nothing() {
        white();
        if (!text.startsWith("null", at)) {
            throw wrong("null expected");
        }
        at += 4;
    }

    /** The next number as it is written. */
    String number() {
        white();
        int from = at;
        if (at < text.length() && text.charAt(at) == '-') {
            at++;
        }
        int digits = digits();
        if (digits == 0 || (digits > 1 && text.charAt(at - digits) == '0')) {
            throw wrong("number expected");
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            if (digits() == 0) {
                throw wrong("digits expected");
            }
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            if (digits() == 0) {
                throw wrong("digits expected");
            }
        }
        return text.substring(from, at);
    }

    private int digits() {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - from;
    }

    String string() {
        expect('"');
        int from = at;
        StringBuilder built = null;
        while (true) {
            if (at == text.length()) {
                throw wrong("string without an end");
            }
            char c = text.charAt(at);
            if (c == '"') {
                String rest = text.substring(from, at);
                at++;
                String whole = built == null ? rest : built.append(rest).toString();
                return checked(whole);
            }
            if (c < 0x20) {
                throw wrong("control character in a string");
            }
            if (c == '\\') {
                built = built == null ? new StringBuilder() : built;
                built.append(text, from, at);
                at++;
                built.append(escape());
                from = at;
            } else {
                at++;
            }
        }
    }

    /** A lone surrogate cannot be written as UTF-8. */
    private String checked(String whole) {
        for (int i = 0; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < whole.length()
                        && Character.isLowSurrogate(whole.charAt(i + 1))) {
                    i++;
                } else {
                    throw wrong("lone surrogate in a string");
                }
            }
        }
        return whole;
    }

    private char escape() {
        if (at == text.length()) {
            throw wrong("string without an end");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
                    if (digit < 0 || text.charAt(at) > 'f') {
                        throw wrong("four hexadecimal digits expected");
                    }
                    value = value << 4 | digit;
                    at++;
                }
                yield (char) value;
            }
            default -> throw wrong("unknown escape");
        };
    }

    /** Moves behind the next value, whatever it is. */
    void skip() {
        switch (peek()) {
            case '{' -> {
                open('{');
                while (more('}')) {
                    name();
                    skip();
                }
            }
            case '[' -> {
                open('[');
                while (more(']')) {
                    skip();
                }
            }
            case '"' -> string();
            case '0' -> number();
            case 't' -> bool();
            default -> nothing();
        }
    }

    private void white() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    private void expect(char c) {
        white();
        if (at == text.length() || text.charAt(at) != c) {
            throw wrong("'" + c + "' expected");
        }
        at++;
    }

    Malformed wrong(String what) {
        return Malformed.notOtlp("JSON: " + what + " at character " + at);
    }
}
