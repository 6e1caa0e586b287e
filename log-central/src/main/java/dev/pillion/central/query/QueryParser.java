package dev.pillion.central.query;

import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Severities;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the query language, which is Lucene's as people know it: words, {@code "phrases"}, {@code
 * field:value}, {@code field:>=5}, {@code field:[a TO b]}, {@code wild*cards}, {@code /regex/},
 * AND, OR, NOT, {@code -not}, parentheses. Words side by side must all occur. {@code
 * field:="exact"} is ours.
 */
public final class QueryParser {

    private static final int MAX_LENGTH = 4096;
    private static final int MAX_DEPTH = 50;

    private final String text;
    private int at;
    private int depth;

    private QueryParser(String text) {
        this.text = text;
    }

    /**
     * @throws QuerySyntax with the column at which it went wrong
     */
    public static Condition parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new QuerySyntax("a query has at most " + MAX_LENGTH + " characters", MAX_LENGTH);
        }
        QueryParser parser = new QueryParser(text);
        parser.white();
        if (parser.done()) {
            return new Condition.Everything();
        }
        Condition condition = parser.or("");
        if (!parser.done()) {
            throw parser.wrong(
                    parser.peek() == ')'
                            ? "')' without a '('"
                            : "unexpected '" + parser.peek() + "'");
        }
        return condition;
    }

    private Condition or(String field) {
        if (++depth > MAX_DEPTH) {
            throw wrong("parentheses nested deeper than " + MAX_DEPTH);
        }
        List<Condition> parts = new ArrayList<>();
        parts.add(and(field));
        while (word("OR") || symbol("||")) {
            parts.add(and(field));
        }
        depth--;
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(parts);
    }

    private Condition and(String field) {
        List<Condition> parts = new ArrayList<>();
        parts.add(not(field));
        while (true) {
            white();
            if (word("AND") || symbol("&&")) {
                parts.add(not(field));
            } else if (done() || peek() == ')' || isWord("OR") || text.startsWith("||", at)) {
                return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
            } else {
                parts.add(not(field));
            }
        }
    }

    private Condition not(String field) {
        white();
        boolean negated = false;
        while (true) {
            if (word("NOT")) {
                negated = !negated;
            } else if (!done()
                    && (peek() == '-' || peek() == '!')
                    && at + 1 < text.length()
                    && !Character.isWhitespace(text.charAt(at + 1))) {
                at++;
                negated = !negated;
            } else if (!done() && peek() == '+') {
                at++;
            } else {
                break;
            }
            white();
        }
        Condition condition = primary(field);
        return negated ? new Condition.Not(condition) : condition;
    }

    private Condition primary(String field) {
        white();
        if (done()) {
            throw wrong("the query ends where a word is expected");
        }
        char c = peek();
        if (c == '(') {
            int open = at;
            at++;
            Condition inner = or(field);
            white();
            if (done() || peek() != ')') {
                throw new QuerySyntax("this '(' has no ')'", open + 1);
            }
            at++;
            return inner;
        }
        if (c == ')') {
            throw wrong("a word is expected before ')'");
        }
        if (isWord("AND") || isWord("OR")) {
            throw wrong("a word is expected before " + (isWord("OR") ? "OR" : "AND"));
        }
        if (field.isEmpty()) {
            String name = fieldName();
            if (!name.isEmpty()) {
                if (done() || Character.isWhitespace(peek())) {
                    throw wrong("a value is expected after '" + name + ":'");
                }
                return peek() == '(' ? primary(name) : value(name);
            }
        }
        return value(field);
    }

    /** Reads {@code name:} if that is what comes; the name may be quoted. */
    private String fieldName() {
        int start = at;
        StringBuilder name = new StringBuilder();
        if (peek() == '"') {
            name.append(quoted());
        } else {
            while (!done() && isNamePart(peek())) {
                if (peek() == '\\' && at + 1 < text.length()) {
                    at++;
                }
                name.append(peek());
                at++;
            }
        }
        if (name.length() > 0 && !done() && peek() == ':') {
            at++;
            return name.toString();
        }
        at = start;
        return "";
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c)
                || c == '_'
                || c == '.'
                || c == '-'
                || c == '@'
                || c == '\\';
    }

    private Condition value(String field) {
        int start = at;
        char c = peek();
        if (c == '"') {
            return text(field, quoted(), start);
        }
        if (c == '/') {
            return regex(field);
        }
        if (!field.isEmpty()) {
            if (c == '[' || c == '{') {
                return range(field);
            }
            if (c == '>' || c == '<') {
                at++;
                boolean included = !done() && peek() == '=';
                if (included) {
                    at++;
                }
                white();
                int bound = at;
                String value = !done() && peek() == '"' ? quoted() : term();
                if (value.isEmpty()) {
                    throw wrong("a value is expected");
                }
                return c == '>'
                        ? range(field, value, included, "", false, bound)
                        : range(field, "", false, value, included, bound);
            }
            if (c == '=') {
                at++;
                String value = !done() && peek() == '"' ? quoted() : unescape(term());
                return field.equals("severity")
                        ? severity(value, start)
                        : new Condition.Exact(field, value);
            }
        }
        String term = term();
        if (term.isEmpty()) {
            throw wrong("unexpected '" + c + "'");
        }
        if (term.equals("*")) {
            return field.isEmpty() ? new Condition.Everything() : new Condition.Exists(field);
        }
        return hasInnerWildcard(term) ? wildcard(field, term) : edges(field, term, start);
    }

    private String quoted() {
        int open = at;
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            if (done()) {
                throw new QuerySyntax("this '\"' is not closed", open + 1);
            }
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\' && !done()) {
                c = text.charAt(at++);
                if (c == 'n') {
                    c = '\n';
                } else if (c == 't') {
                    c = '\t';
                }
            }
            value.append(c);
        }
    }

    /** The characters up to white space or a parenthesis, escapes still in it. */
    private String term() {
        int start = at;
        while (!done()) {
            char c = peek();
            if (c == '\\' && at + 1 < text.length()) {
                at += 2;
                continue;
            }
            if (Character.isWhitespace(c) || c == '(' || c == ')' || c == '"') {
                break;
            }
            at++;
        }
        return text.substring(start, at);
    }

    private static String unescape(String term) {
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
    private Condition edges(String field, String term, int start) {
        boolean openStart = term.startsWith("*");
        boolean openEnd = term.length() > 1 && term.endsWith("*") && !term.endsWith("\\*");
        String inner =
                unescape(
                        term.substring(
                                openStart ? 1 : 0, openEnd ? term.length() - 1 : term.length()));
        if (inner.isEmpty()) {
            return field.isEmpty() ? new Condition.Everything() : new Condition.Exists(field);
        }
        if (openStart || openEnd) {
            return new Condition.Text(field, inner, !openStart, !openEnd);
        }
        return text(field, inner, start);
    }

    private Condition text(String field, String value, int start) {
        if (field.equals("severity")) {
            return severity(value, start);
        }
        if (value.isEmpty()) {
            return new Condition.Everything();
        }
        return new Condition.Text(field, value, true, true);
    }

    private static Condition severity(String value, int start) {
        int number = severityNumber(value, start);
        boolean named = !Character.isDigit(value.charAt(0));
        return new Condition.Severity(number, named ? Severities.last(number) : number);
    }

    private static int severityNumber(String value, int start) {
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
                    start + 1);
        }
        return first;
    }

    private Condition wildcard(String field, String term) {
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

    private Condition regex(String field) {
        int open = at;
        at++;
        StringBuilder source = new StringBuilder();
        while (true) {
            if (done()) {
                throw new QuerySyntax("this '/' is not closed", open + 1);
            }
            char c = text.charAt(at++);
            if (c == '/') {
                break;
            }
            if (c == '\\' && !done() && peek() == '/') {
                c = text.charAt(at++);
            } else if (c == '\\' && !done()) {
                source.append(c);
                c = text.charAt(at++);
            }
            source.append(c);
        }
        int flags = Pattern.MULTILINE;
        if (!done() && peek() == 'i') {
            at++;
            flags |= Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
        }
        try {
            return new Condition.Regex(field, Pattern.compile(source.toString(), flags));
        } catch (PatternSyntaxException e) {
            throw new QuerySyntax(
                    "not a regular expression: " + e.getDescription(),
                    open + 2 + Math.max(e.getIndex(), 0));
        }
    }

    private Condition range(String field) {
        int open = at;
        boolean lowIncluded = peek() == '[';
        at++;
        white();
        String low = bound();
        white();
        if (!word("TO")) {
            throw wrong("TO is expected in a range: [1 TO 5]");
        }
        white();
        String high = bound();
        white();
        if (done() || (peek() != ']' && peek() != '}')) {
            throw new QuerySyntax("this range is not closed", open + 1);
        }
        boolean highIncluded = peek() == ']';
        at++;
        return range(field, low, lowIncluded, high, highIncluded, open);
    }

    private String bound() {
        if (done()) {
            throw wrong("a value is expected");
        }
        if (peek() == '"') {
            return quoted();
        }
        int start = at;
        while (!done() && !Character.isWhitespace(peek()) && peek() != ']' && peek() != '}') {
            at++;
        }
        String bound = text.substring(start, at);
        if (bound.isEmpty()) {
            throw wrong("a value is expected");
        }
        return bound.equals("*") ? "" : bound;
    }

    private static Condition range(
            String field,
            String low,
            boolean lowIncluded,
            String high,
            boolean highIncluded,
            int start) {
        if (!field.equals("severity")) {
            return new Condition.Range(field, low, lowIncluded, high, highIncluded);
        }
        int from = 1;
        int to = 24;
        if (!low.isEmpty()) {
            int number = severityNumber(low, start);
            boolean named = !Character.isDigit(low.charAt(0));
            from = lowIncluded ? number : (named ? Severities.last(number) : number) + 1;
        }
        if (!high.isEmpty()) {
            int number = severityNumber(high, start);
            boolean named = !Character.isDigit(high.charAt(0));
            to = highIncluded ? (named ? Severities.last(number) : number) : number - 1;
        }
        return new Condition.Severity(from, to);
    }

    private boolean isWord(String word) {
        return text.startsWith(word, at)
                && (at + word.length() == text.length()
                        || Character.isWhitespace(text.charAt(at + word.length()))
                        || text.charAt(at + word.length()) == '(');
    }

    private boolean word(String word) {
        white();
        if (isWord(word)) {
            at += word.length();
            return true;
        }
        return false;
    }

    private boolean symbol(String symbol) {
        white();
        if (text.startsWith(symbol, at)) {
            at += symbol.length();
            return true;
        }
        return false;
    }

    private void white() {
        while (!done() && Character.isWhitespace(peek())) {
            at++;
        }
    }

    private boolean done() {
        return at >= text.length();
    }

    private char peek() {
        return text.charAt(at);
    }

    private QuerySyntax wrong(String message) {
        return new QuerySyntax(message, at + 1);
    }
}
