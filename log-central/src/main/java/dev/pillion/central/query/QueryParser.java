package dev.pillion.central.query;

import dev.pillion.central.store.Condition;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the query language, which is Lucene's as people know it: words, {@code "phrases"}, {@code
 * field:value}, {@code field:>=5}, {@code field:[a TO b]}, {@code wild*cards}, {@code /regex/},
 * AND, OR, NOT, {@code -not}, parentheses. Words side by side must all occur. {@code
 * field:="exact"} is ours.
 */
public final class QueryParser {

    private static final int MAX_LENGTH = 4096;
    private static final int MAX_DEPTH = 50;

    /** What Lucene takes behind a word and we do not: fuzziness, boost. */
    private static final Pattern LUCENE_ONLY = Pattern.compile("(?<=[^\\\\])[~^][0-9.]*$");

    private final QueryText text;
    private int depth;

    private QueryParser(QueryText text) {
        this.text = text;
    }

    /**
     * @throws QuerySyntax with the column at which it went wrong
     */
    public static Condition parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new QuerySyntax("a query has at most " + MAX_LENGTH + " characters", MAX_LENGTH);
        }
        QueryText rest = new QueryText(text);
        rest.white();
        if (rest.done()) {
            return new Condition.Everything();
        }
        Condition condition = new QueryParser(rest).or("");
        if (!rest.done()) {
            throw rest.wrong(
                    rest.isNext(')') ? "')' without a '('" : "unexpected '" + rest.peek() + "'");
        }
        return condition;
    }

    private Condition or(String field) {
        if (++depth > MAX_DEPTH) {
            throw text.wrong("parentheses nested deeper than " + MAX_DEPTH);
        }
        List<Condition> parts = new ArrayList<>();
        parts.add(and(field));
        while (text.word("OR") || text.symbol("||")) {
            parts.add(and(field));
        }
        depth--;
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(parts);
    }

    private Condition and(String field) {
        List<Condition> parts = new ArrayList<>();
        parts.add(not(field));
        while (true) {
            text.white();
            if (text.word("AND") || text.symbol("&&")) {
                parts.add(not(field));
            } else if (text.done()
                    || text.peek() == ')'
                    || text.isWord("OR")
                    || text.isSymbol("||")) {
                return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
            } else {
                parts.add(not(field));
            }
        }
    }

    private Condition not(String field) {
        text.white();
        boolean negated = false;
        while (true) {
            if (text.word("NOT")) {
                negated = !negated;
            } else if (text.prefix("-!")) {
                negated = !negated;
            } else if (!text.symbol("+")) {
                break;
            }
            text.white();
        }
        Condition condition = primary(field);
        return negated ? new Condition.Not(condition) : condition;
    }

    private Condition primary(String field) {
        text.white();
        if (text.done()) {
            throw text.wrong("the query ends where a word is expected");
        }
        char c = text.peek();
        if (c == '(') {
            int open = text.column();
            text.take();
            Condition inner = or(field);
            if (!text.symbol(")")) {
                throw new QuerySyntax("this '(' has no ')'", open);
            }
            return inner;
        }
        if (c == ')') {
            throw text.wrong("a word is expected before ')'");
        }
        if (text.isWord("AND") || text.isWord("OR")) {
            throw text.wrong("a word is expected before " + (text.isWord("OR") ? "OR" : "AND"));
        }
        if (field.isEmpty()) {
            String name = text.fieldName();
            if (!name.isEmpty()) {
                if (text.done() || Character.isWhitespace(text.peek())) {
                    throw text.wrong("a value is expected after '" + name + ":'");
                }
                return text.isNext('(') ? primary(name) : value(name);
            }
        }
        return value(field);
    }

    private Condition value(String field) {
        int start = text.column();
        char c = text.peek();
        if (c == '"') {
            String phrase = text.quoted();
            if (!text.done() && (text.peek() == '~' || text.peek() == '^')) {
                throw notThere(text.peek(), text.column());
            }
            return Terms.text(field, phrase, start);
        }
        if (c == '/') {
            String source = text.upToSlash();
            boolean anyCase = text.isNext('i');
            if (anyCase) {
                text.take();
            }
            return Terms.regex(field, source, anyCase, start);
        }
        if (!field.isEmpty()) {
            if (c == '[' || c == '{') {
                return range(field);
            }
            if (c == '>' || c == '<') {
                return compared(field);
            }
            if (c == '=') {
                text.take();
                String value = text.isNext('"') ? text.quoted() : Terms.unescape(text.term());
                return Terms.exact(field, value, start);
            }
        }
        String term = text.term();
        if (term.isEmpty()) {
            throw text.wrong("unexpected '" + c + "'");
        }
        Matcher operator = LUCENE_ONLY.matcher(term);
        if (operator.find()) {
            throw notThere(term.charAt(operator.start()), start + operator.start());
        }
        return Terms.term(field, term, start);
    }

    private static QuerySyntax notThere(char operator, int column) {
        return new QuerySyntax(
                operator == '~'
                        ? "words that are alike or near (~) cannot be asked for; \\~ is the character"
                        : "words cannot be weighted (^), as nothing is ranked; \\^ is the character",
                column);
    }

    private Condition compared(String field) {
        boolean greater = text.take() == '>';
        boolean included = text.isNext('=');
        if (included) {
            text.take();
        }
        text.white();
        int start = text.column();
        String value = text.isNext('"') ? text.quoted() : text.term();
        if (value.isEmpty()) {
            throw text.wrong("a value is expected");
        }
        return greater
                ? Terms.range(field, value, included, "", false, start)
                : Terms.range(field, "", false, value, included, start);
    }

    private Condition range(String field) {
        int open = text.column();
        boolean lowIncluded = text.take() == '[';
        text.white();
        String low = text.bound();
        if (!text.word("TO")) {
            throw text.wrong("TO is expected in a range: [1 TO 5]");
        }
        text.white();
        String high = text.bound();
        text.white();
        if (!text.isNext(']') && !text.isNext('}')) {
            throw new QuerySyntax("this range is not closed", open);
        }
        boolean highIncluded = text.take() == ']';
        return Terms.range(field, low, lowIncluded, high, highIncluded, open);
    }
}
