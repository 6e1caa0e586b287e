package dev.pillion.central.query;

import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Severities;

import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What the values of a query ask for. The field is empty for anywhere; columns are those at which
 * values begin, for {@link QuerySyntax}.
 */
final class Terms {

    private static final String SEVERITY = "severity";

    private Terms() {}

    /** A term as it is written, with its wildcards and escapes. */
    static Condition term(String field, String term, int column) {
        if (term.equals("*")) {
            return everything(field);
        }
        return hasInnerWildcard(term) ? wildcard(field, term) : edges(field, term, column);
    }

    private static Condition everything(String field) {
        return field.isEmpty() ? new Condition.Everything() : new Condition.Exists(field);
    }

    /** Exactly this. */
    static Condition exact(String field, String value, int column) {
        return field.equals(SEVERITY) ? severity(value, column) : new Condition.Exact(field, value);
    }

    /**
     * @param column of the slash before it
     */
    static Condition regex(String field, String source, boolean anyCase, int column) {
        int flags = Pattern.MULTILINE;
        if (anyCase) {
            flags |= Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
        }
        try {
            return new Condition.Regex(field, Pattern.compile(source, flags));
        } catch (PatternSyntaxException e) {
            throw new QuerySyntax(
                    "not a regular expression: " + e.getDescription(),
                    column + 1 + Math.max(e.getIndex(), 0));
        }
    }

    static String unescape(String term) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < term.length(); i++) {
            char c = term.charAt(i);
            if (c == '\\' && i + 1 < term.length()) {
                c = term.charAt(++i);
            }
            plain.append(c);
        }
        return plain.toString();
    }

    private static boolean hasInnerWildcard(String term) {
        for (int i = 0; i < term.length(); i++) {
            char c = term.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '?' || (c == '*' && i > 0 && i < term.length() - 1)) {
                return true;
            }
        }
        return false;
    }

    /** A term whose only wildcards are at its ends is a plain text without a word's bound there. */
    private static Condition edges(String field, String term, int column) {
        boolean openStart = term.startsWith("*");
        boolean openEnd = term.length() > 1 && term.endsWith("*") && !term.endsWith("\\*");
        String inner =
                unescape(
                        term.substring(
                                openStart ? 1 : 0, openEnd ? term.length() - 1 : term.length()));
        if (inner.isEmpty()) {
            return everything(field);
        }
        if (openStart || openEnd) {
            return new Condition.Text(field, inner, !openStart, !openEnd);
        }
        return text(field, inner, column);
    }

    /** A text as it is, from word to word. */
    static Condition text(String field, String value, int column) {
        if (field.equals(SEVERITY)) {
            return severity(value, column);
        }
        if (value.isEmpty()) {
            return new Condition.Everything();
        }
        return new Condition.Text(field, value, true, true);
    }

    private static Condition severity(String value, int column) {
        int number = severityNumber(value, column);
        boolean named = !Character.isDigit(value.charAt(0));
        return new Condition.Severity(number, named ? Severities.last(number) : number);
    }

    private static int severityNumber(String value, int column) {
        if (value.chars().allMatch(Character::isDigit) && !value.isEmpty() && value.length() < 3) {
            int number = Integer.parseInt(value);
            if (number <= 24) {
                return number;
            }
        }
        int first = value.isEmpty() ? -1 : Severities.first(value);
        if (first < 0) {
            throw new QuerySyntax(
                    "'"
                            + value
                            + "' is not a severity; use "
                            + String.join(", ", Severities.BANDS).toLowerCase(Locale.ROOT)
                            + " or 0 to 24",
                    column);
        }
        return first;
    }

    private static Condition wildcard(String field, String term) {
        StringBuilder pattern = new StringBuilder();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < term.length(); i++) {
            char c = term.charAt(i);
            if (c == '\\' && i + 1 < term.length()) {
                literal.append(term.charAt(++i));
            } else if (c == '*' || c == '?') {
                pattern.append(Pattern.quote(literal.toString())).append(c == '*' ? "\\S*" : "\\S");
                literal.setLength(0);
            } else {
                literal.append(c);
            }
        }
        pattern.append(Pattern.quote(literal.toString()));
        String bounded =
                (term.startsWith("*") ? "" : "(?<![\\p{L}\\p{N}_])")
                        + pattern
                        + (term.endsWith("*") ? "" : "(?![\\p{L}\\p{N}_])");
        return new Condition.Regex(
                field, Pattern.compile(bounded, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE));
    }

    /** Between two bounds; an empty one is none. */
    static Condition range(
            String field,
            String low,
            boolean lowIncluded,
            String high,
            boolean highIncluded,
            int column) {
        if (!field.equals(SEVERITY)) {
            return new Condition.Range(field, low, lowIncluded, high, highIncluded);
        }
        int from = 1;
        int to = 24;
        if (!low.isEmpty()) {
            int number = severityNumber(low, column);
            boolean named = !Character.isDigit(low.charAt(0));
            from = lowIncluded ? number : (named ? Severities.last(number) : number) + 1;
        }
        if (!high.isEmpty()) {
            int number = severityNumber(high, column);
            boolean named = !Character.isDigit(high.charAt(0));
            to = highIncluded ? (named ? Severities.last(number) : number) : number - 1;
        }
        return new Condition.Severity(from, to);
    }
}
