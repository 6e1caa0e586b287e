package dev.pillion.central.loki;

import dev.pillion.central.query.QuerySyntax;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.ResourceFilter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the part of LogQL that Grafana's Explore needs: {@code {label="value"}} with {@code = != =~
 * !~}, line filters {@code |= != |~ !~}, filters on labels, {@code drop}; {@code count_over_time},
 * {@code rate} and {@code sum … by} of these; {@code vector(1)+vector(1)}.
 */
final class LogQlParser {

    private static final int MAX_LENGTH = 8192;
    private static final int MAX_FILTERS = 100;
    private static final List<String> OPERATORS = List.of("=~", "!~", "!=", "=");

    private final String text;
    private int at;

    private LogQlParser(String text) {
        this.text = text;
    }

    /**
     * @throws QuerySyntax with the column at which it went wrong
     */
    static LogQl parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new QuerySyntax("a query has at most " + MAX_LENGTH + " characters", MAX_LENGTH);
        }
        LogQlParser parser = new LogQlParser(text);
        LogQl query = parser.query();
        parser.white();
        if (!parser.done()) {
            throw parser.wrong("unexpected '" + parser.peek() + "'");
        }
        return query;
    }

    /** Only a stream selector and filters. */
    static LogQl.Lines parseLines(String text) {
        if (parse(text) instanceof LogQl.Lines lines) {
            return lines;
        }
        throw new QuerySyntax("a stream selector is expected here: {label=\"value\"}", 1);
    }

    private LogQl query() {
        white();
        if (!done() && peek() == '{') {
            return lines();
        }
        int start = at;
        String name = identifier();
        return switch (name) {
            case "sum" -> sum();
            case "count_over_time", "rate" -> counts(name, Optional.empty());
            case "vector" -> constant();
            case "" -> throw wrong("a stream selector is expected: {label=\"value\"}");
            default ->
                    throw new QuerySyntax(
                            "'"
                                    + name
                                    + "' is not taken here; of functions there are count_over_time,"
                                    + " rate and sum",
                            start + 1);
        };
    }

    private LogQl sum() {
        Optional<List<String>> by = grouping();
        expect("(");
        white();
        int start = at;
        String name = identifier();
        if (!name.equals("count_over_time") && !name.equals("rate")) {
            throw new QuerySyntax("sum is taken of count_over_time or rate only", start + 1);
        }
        LogQl.Counts counts = counts(name, Optional.empty());
        expect(")");
        if (by.isEmpty()) {
            by = grouping();
        }
        return new LogQl.Counts(
                counts.lines(), counts.range(), counts.rate(), Optional.of(by.orElse(List.of())));
    }

    private Optional<List<String>> grouping() {
        white();
        if (text.startsWith("without", at)) {
            throw wrong("without is not taken here; write by (label, …)");
        }
        if (!text.startsWith("by", at)) {
            return Optional.empty();
        }
        at += 2;
        expect("(");
        List<String> labels = new ArrayList<>();
        while (true) {
            white();
            if (!done() && peek() == ')') {
                at++;
                return Optional.of(labels);
            }
            labels.add(label());
            white();
            if (!done() && peek() == ',') {
                at++;
            } else if (done() || peek() != ')') {
                throw wrong("',' or ')' is expected");
            }
        }
    }

    private LogQl.Counts counts(String function, Optional<List<String>> by) {
        expect("(");
        white();
        LogQl.Lines lines = lines();
        expect("[");
        long range = duration();
        expect("]");
        expect(")");
        return new LogQl.Counts(lines, range, function.equals("rate"), by);
    }

    private LogQl constant() {
        double value = vector();
        while (true) {
            white();
            if (done() || "+-*/".indexOf(peek()) < 0) {
                return new LogQl.Constant(value);
            }
            char operator = text.charAt(at++);
            white();
            if (!identifier().equals("vector")) {
                throw wrong("vector(…) is expected");
            }
            double next = vector();
            value =
                    switch (operator) {
                        case '+' -> value + next;
                        case '-' -> value - next;
                        case '*' -> value * next;
                        default -> value / next;
                    };
        }
    }

    private double vector() {
        expect("(");
        white();
        int start = at;
        while (!done() && (Character.isDigit(peek()) || peek() == '.' || peek() == '-')) {
            at++;
        }
        try {
            double value = Double.parseDouble(text.substring(start, at));
            expect(")");
            return value;
        } catch (NumberFormatException e) {
            throw new QuerySyntax("a number is expected", start + 1);
        }
    }

    private LogQl.Lines lines() {
        List<ResourceFilter> resources = new ArrayList<>();
        List<Condition> conditions = new ArrayList<>();
        expect("{");
        white();
        while (done() || peek() != '}') {
            matcher(resources, conditions);
            white();
            if (!done() && peek() == ',') {
                at++;
                white();
            } else if (done() || peek() != '}') {
                throw wrong("',' or '}' is expected");
            }
        }
        at++;
        pipeline(resources, conditions);
        return new LogQl.Lines(
                new ResourceFilter.Both(resources),
                conditions.isEmpty() ? new Condition.Everything() : new Condition.And(conditions));
    }

    private void matcher(List<ResourceFilter> resources, List<Condition> conditions) {
        white();
        int start = at;
        String name = label();
        white();
        String operator =
                OPERATORS.stream()
                        .filter(one -> text.startsWith(one, at))
                        .findFirst()
                        .orElseThrow(() -> wrong("one of = != =~ !~ is expected"));
        at += operator.length();
        white();
        int valueAt = at;
        String value = string();
        boolean wanted = !operator.startsWith("!");
        Pattern pattern =
                operator.endsWith("~")
                        ? pattern(value, valueAt)
                        : Pattern.compile(Pattern.quote(value));
        if (Labels.isLevel(name)) {
            Predicate<String> test = level -> pattern.matcher(level).matches() == wanted;
            conditions.add(Labels.levels(test));
        } else if (Labels.attributes().containsKey(name)) {
            resources.add(
                    new ResourceFilter.Matches(Labels.attributes().get(name), pattern, wanted));
        } else if (name.equals("trace_id") || name.equals("span_id")) {
            Condition condition = new Condition.Regex(name, whole(pattern));
            conditions.add(wanted ? condition : new Condition.Not(condition));
        } else {
            throw new QuerySyntax(
                    "'"
                            + name
                            + "' is not a label here; there are level, trace_id, span_id, "
                            + String.join(", ", Labels.attributes().keySet()),
                    start + 1);
        }
    }

    private static Pattern whole(Pattern pattern) {
        return Pattern.compile("\\A(?:" + pattern.pattern() + ")\\z");
    }

    private void pipeline(List<ResourceFilter> resources, List<Condition> conditions) {
        for (int filters = 0; ; filters++) {
            white();
            if (filters > MAX_FILTERS) {
                throw wrong("more than " + MAX_FILTERS + " filters");
            }
            if (text.startsWith("|=", at)) {
                line(false, true, conditions);
            } else if (text.startsWith("!=", at)) {
                line(false, false, conditions);
            } else if (text.startsWith("|~", at)) {
                line(true, true, conditions);
            } else if (text.startsWith("!~", at)) {
                line(true, false, conditions);
            } else if (!done() && peek() == '|') {
                at++;
                stage(resources, conditions);
            } else {
                return;
            }
        }
    }

    private void line(boolean regex, boolean wanted, List<Condition> conditions) {
        at += 2;
        List<Condition> any = new ArrayList<>();
        do {
            white();
            int start = at;
            String value = string();
            any.add(regex ? lineMatches(value, start) : lineHas(value));
            white();
        } while (word("or"));
        Condition condition = any.size() == 1 ? any.getFirst() : new Condition.Or(any);
        conditions.add(wanted ? condition : new Condition.Not(condition));
    }

    /** With regard to case, as Loki does it; the words without it choose the chunks. */
    private static Condition lineHas(String value) {
        return value.isEmpty()
                ? new Condition.Everything()
                : new Condition.And(
                        List.of(
                                new Condition.Text("body", value, false, false),
                                new Condition.Regex(
                                        "body", Pattern.compile(Pattern.quote(value)))));
    }

    private Condition lineMatches(String value, int start) {
        return value.isEmpty()
                ? new Condition.Everything()
                : new Condition.Regex("body", pattern(value, start));
    }

    private void stage(List<ResourceFilter> resources, List<Condition> conditions) {
        white();
        int start = at;
        String name = identifier();
        at = start;
        switch (name) {
            case "drop", "keep" -> {
                at += name.length();
                do {
                    white();
                    label();
                    white();
                } while (symbol(','));
            }
            case "json",
                    "logfmt",
                    "pattern",
                    "regexp",
                    "unpack",
                    "unwrap",
                    "line_format",
                    "label_format",
                    "decolorize" ->
                    throw wrong(
                            "'"
                                    + name
                                    + "' is not taken here: lines are stored as records with"
                                    + " attributes already; after '|' there are = ~ drop keep and"
                                    + " labels");
            default -> matcher(resources, conditions);
        }
    }

    private Pattern pattern(String value, int start) {
        try {
            return Pattern.compile(value);
        } catch (PatternSyntaxException e) {
            throw new QuerySyntax("not a regular expression: " + e.getDescription(), start + 1);
        }
    }

    /** {@code "with \n escapes"} or {@code `without`}. */
    private String string() {
        if (done() || (peek() != '"' && peek() != '`')) {
            throw wrong("a string is expected: \"…\" or `…`");
        }
        int open = at;
        char quote = text.charAt(at++);
        StringBuilder value = new StringBuilder();
        while (!done()) {
            char c = text.charAt(at++);
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
        char c = text.charAt(at++);
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
    private long duration() {
        white();
        int start = at;
        while (!done() && (Character.isLetterOrDigit(peek()) || peek() == '.')) {
            at++;
        }
        return LokiTimes.duration(text.substring(start, at))
                .orElseThrow(
                        () -> new QuerySyntax("a duration is expected: 30s, 5m, 1h", start + 1));
    }

    private String label() {
        String name = identifier();
        if (name.isEmpty()) {
            throw wrong("a label's name is expected");
        }
        return name;
    }

    private String identifier() {
        int start = at;
        while (!done() && isNamePart(peek(), at > start)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean isNamePart(char c, boolean digits) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (digits && c >= '0' && c <= '9');
    }

    private boolean word(String word) {
        if (text.startsWith(word, at)
                && (at + word.length() == text.length()
                        || !isNamePart(text.charAt(at + word.length()), true))) {
            at += word.length();
            return true;
        }
        return false;
    }

    private boolean symbol(char symbol) {
        if (!done() && peek() == symbol) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String symbol) {
        white();
        if (!text.startsWith(symbol, at)) {
            throw wrong("'" + symbol + "' is expected");
        }
        at += symbol.length();
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
