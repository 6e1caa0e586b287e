package dev.pillion.central.loki;

import dev.pillion.central.query.QuerySyntax;

/**
 * A query that is being read from left to right: the place where the reader is, and what may stand
 * there. Used by one thread.
 */
final class LogQlText {

    private final String text;
    private int at;

    LogQlText(String text) {
        this.text = text;
    }

    /** The place, counted from 0. */
    int at() {
        return at;
    }

    /** Returns to a place. */
    void back(int place) {
        at = place;
    }

    void skip(int characters) {
        at += characters;
    }

    char next() {
        return text.charAt(at++);
    }

    /** What was read since a place. */
    String since(int place) {
        return text.substring(place, at);
    }

    boolean startsWith(String prefix) {
        return text.startsWith(prefix, at);
    }

    /** {@code "with \n escapes"} or {@code `without`}. */
    String string() {
        if (done() || (peek() != '"' && peek() != '`')) {
            throw wrong("a string is expected: \"…\" or `…`");
        }
        int open = at;
        char quote = next();
        StringBuilder value = new StringBuilder();
        while (!done()) {
            char c = next();
            if (c == quote) {
                return value.toString();
            }
            value.append(c == '\\' && quote == '"' ? escaped(open) : c);
        }
        throw new QuerySyntax("this '" + quote + "' is not closed", open + 1);
    }

    private char escaped(int open) {
        if (done()) {
            throw new QuerySyntax("this '\"' is not closed", open + 1);
        }
        char c = next();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '"', '\\', '\'' -> c;
            case 'x', 'u' -> {
                int end = at + (c == 'x' ? 2 : 4);
                try {
                    char code = (char) Integer.parseInt(text, at, end, 16);
                    at = end;
                    yield code;
                } catch (IndexOutOfBoundsException | NumberFormatException e) {
                    throw wrong("a hexadecimal number is expected");
                }
            }
            default -> throw new QuerySyntax("'\\" + c + "' is not an escape", at - 1);
        };
    }

    /** Nanoseconds of {@code 5m}, {@code 1h30m}, {@code 250ms}. */
    long duration() {
        white();
        int start = at;
        while (!done() && (Character.isLetterOrDigit(peek()) || peek() == '.')) {
            at++;
        }
        return LokiTimes.duration(since(start))
                .orElseThrow(
                        () -> new QuerySyntax("a duration is expected: 30s, 5m, 1h", start + 1));
    }

    String label() {
        String name = identifier();
        if (name.isEmpty()) {
            throw wrong("a label's name is expected");
        }
        return name;
    }

    String identifier() {
        int start = at;
        while (!done() && isNamePart(peek(), at > start)) {
            at++;
        }
        return since(start);
    }

    private static boolean isNamePart(char c, boolean digits) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (digits && c >= '0' && c <= '9');
    }

    boolean word(String word) {
        if (startsWith(word)
                && (at + word.length() == text.length()
                        || !isNamePart(text.charAt(at + word.length()), true))) {
            at += word.length();
            return true;
        }
        return false;
    }

    boolean symbol(char symbol) {
        if (!done() && peek() == symbol) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String symbol) {
        white();
        if (!startsWith(symbol)) {
            throw wrong("'" + symbol + "' is expected");
        }
        at += symbol.length();
    }

    void white() {
        while (!done() && Character.isWhitespace(peek())) {
            at++;
        }
    }

    boolean done() {
        return at >= text.length();
    }

    char peek() {
        return text.charAt(at);
    }

    QuerySyntax wrong(String message) {
        return new QuerySyntax(message, at + 1);
    }
}
