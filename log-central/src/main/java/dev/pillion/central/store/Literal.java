package dev.pillion.central.store;

import java.util.regex.Pattern;

/**
 * The longest text that occurs in whatever a regular expression finds, so that most records need
 * not be tried. Where the expression is beyond this reading of it, the text is empty: it may say
 * too little, never too much.
 */
final class Literal {

    /** With these an expression's characters do not stand for themselves. */
    private static final int OTHER_RULES = Pattern.COMMENTS | Pattern.LITERAL | Pattern.CANON_EQ;

    private final String regex;
    private final boolean unicodeCase;
    private final StringBuilder run = new StringBuilder();
    private String best = "";
    private int at;

    private Literal(Pattern pattern) {
        regex = pattern.pattern();
        unicodeCase = (pattern.flags() & Pattern.UNICODE_CASE) != 0;
    }

    /** The text, without regard to case; empty if none is certain. */
    static String of(Pattern pattern) {
        if ((pattern.flags() & OTHER_RULES) != 0) {
            return "";
        }
        Literal literal = new Literal(pattern);
        return literal.read() ? literal.best : "";
    }

    private boolean read() {
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> {
                    if (!escape()) {
                        return false;
                    }
                }
                case '[' -> {
                    end();
                    if (!skipClass()) {
                        return false;
                    }
                }
                case '(' -> {
                    end();
                    if (!skipGroup()) {
                        return false;
                    }
                }
                case '|', ')' -> {
                    return false;
                }
                case '*', '?', '{' -> {
                    // What stands before it may be absent.
                    run.setLength(Math.max(0, run.length() - 1));
                    end();
                    if (c == '{') {
                        at = regex.indexOf('}', at) + 1;
                        if (at == 0) {
                            return false;
                        }
                    }
                }
                case '+', '.', '^', '$' -> end();
                default -> literal(c);
            }
        }
        end();
        return true;
    }

    private boolean escape() {
        if (at == regex.length()) {
            return false;
        }
        char c = regex.charAt(at++);
        if (c == 'Q') {
            int stop = regex.indexOf("\\E", at);
            int to = stop < 0 ? regex.length() : stop;
            while (at < to) {
                literal(regex.charAt(at++));
            }
            at = stop < 0 ? to : stop + 2;
            return true;
        }
        if ("bBdDwWsSAzZGhHvVRntrfae".indexOf(c) >= 0) {
            end();
            return true;
        }
        if (Character.isLetterOrDigit(c)) {
            return false;
        }
        literal(c);
        return true;
    }

    private boolean skipClass() {
        int depth = 1;
        boolean first = true;
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            if (c == '\\') {
                if (at == regex.length() || regex.charAt(at) == 'Q') {
                    return false;
                }
                at++;
            } else if (c == '[') {
                depth++;
            } else if (c == ']') {
                if (first) {
                    return false;
                }
                if (--depth == 0) {
                    return true;
                }
            }
            first = c == '[' || (first && c == '^');
        }
        return false;
    }

    private boolean skipGroup() {
        int depth = 1;
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> {
                    if (at == regex.length() || regex.charAt(at) == 'Q') {
                        return false;
                    }
                    at++;
                }
                case '[' -> {
                    if (!skipClass()) {
                        return false;
                    }
                }
                case '(' -> depth++;
                case ')' -> {
                    if (--depth == 0) {
                        return true;
                    }
                }
                case '?' -> {
                    // (?i) and (?x) change the rules of what follows.
                    if (regex.charAt(at - 2) == '('
                            && at < regex.length()
                            && (Character.isLetter(regex.charAt(at)) || regex.charAt(at) == '-')) {
                        return false;
                    }
                }
                default -> {}
            }
        }
        return false;
    }

    private void literal(char c) {
        // By Unicode's rules the Kelvin sign is a k and the long s an s.
        boolean ambiguous = unicodeCase && "kKsS".indexOf(c) >= 0;
        if (c >= 0x80 || ambiguous) {
            end();
        } else {
            run.append(c);
        }
    }

    private void end() {
        if (run.length() > best.length()) {
            best = run.toString();
        }
        run.setLength(0);
    }
}
