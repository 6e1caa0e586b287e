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

    private final LogQlText in;

    private LogQlParser(String text) {
        this.in = new LogQlText(text);
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
        parser.in.white();
        if (!parser.in.done()) {
            throw parser.in.wrong("unexpected '" + parser.in.peek() + "'");
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
        in.white();
        if (!in.done() && in.peek() == '{') {
            return lines();
        }
        int start = in.at();
        String name = in.identifier();
        return switch (name) {
            case "sum" -> sum();
            case "count_over_time", "rate" -> counts(name, Optional.empty());
            case "vector" -> constant();
            case "" -> throw in.wrong("a stream selector is expected: {label=\"value\"}");
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
        in.expect("(");
        in.white();
        int start = in.at();
        String name = in.identifier();
        if (!name.equals("count_over_time") && !name.equals("rate")) {
            throw new QuerySyntax("sum is taken of count_over_time or rate only", start + 1);
        }
        LogQl.Counts counts = counts(name, Optional.empty());
        in.expect(")");
        if (by.isEmpty()) {
            by = grouping();
        }
        return new LogQl.Counts(
                counts.lines(), counts.range(), counts.rate(), Optional.of(by.orElse(List.of())));
    }

    private Optional<List<String>> grouping() {
        in.white();
        if (in.startsWith("without")) {
            throw in.wrong("without is not taken here; write by (label, …)");
        }
        if (!in.startsWith("by")) {
            return Optional.empty();
        }
        in.skip(2);
        in.expect("(");
        List<String> labels = new ArrayList<>();
        while (true) {
            in.white();
            if (!in.done() && in.peek() == ')') {
                in.skip(1);
                return Optional.of(labels);
            }
            labels.add(in.label());
            in.white();
            if (!in.done() && in.peek() == ',') {
                in.skip(1);
            } else if (in.done() || in.peek() != ')') {
                throw in.wrong("',' or ')' is expected");
            }
        }
    }

    private LogQl.Counts counts(String function, Optional<List<String>> by) {
        in.expect("(");
        in.white();
        LogQl.Lines lines = lines();
        in.expect("[");
        long range = in.duration();
        in.expect("]");
        in.expect(")");
        return new LogQl.Counts(lines, range, function.equals("rate"), by);
    }

    private LogQl constant() {
        double value = vector();
        while (true) {
            in.white();
            if (in.done() || "+-*/".indexOf(in.peek()) < 0) {
                return new LogQl.Constant(value);
            }
            char operator = in.next();
            in.white();
            if (!in.identifier().equals("vector")) {
                throw in.wrong("vector(…) is expected");
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
        in.expect("(");
        in.white();
        int start = in.at();
        while (!in.done()
                && (Character.isDigit(in.peek()) || in.peek() == '.' || in.peek() == '-')) {
            in.skip(1);
        }
        try {
            double value = Double.parseDouble(in.since(start));
            in.expect(")");
            return value;
        } catch (NumberFormatException e) {
            throw new QuerySyntax("a number is expected", start + 1);
        }
    }

    private LogQl.Lines lines() {
        List<ResourceFilter> resources = new ArrayList<>();
        List<Condition> conditions = new ArrayList<>();
        in.expect("{");
        in.white();
        while (in.done() || in.peek() != '}') {
            matcher(resources, conditions);
            in.white();
            if (!in.done() && in.peek() == ',') {
                in.skip(1);
                in.white();
            } else if (in.done() || in.peek() != '}') {
                throw in.wrong("',' or '}' is expected");
            }
        }
        in.skip(1);
        pipeline(resources, conditions);
        return new LogQl.Lines(
                new ResourceFilter.Both(resources),
                conditions.isEmpty() ? new Condition.Everything() : new Condition.And(conditions));
    }

    private void matcher(List<ResourceFilter> resources, List<Condition> conditions) {
        in.white();
        int start = in.at();
        String name = in.label();
        in.white();
        String operator =
                OPERATORS.stream()
                        .filter(one -> in.startsWith(one))
                        .findFirst()
                        .orElseThrow(() -> in.wrong("one of = != =~ !~ is expected"));
        in.skip(operator.length());
        in.white();
        int valueAt = in.at();
        String value = in.string();
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
            in.white();
            if (filters > MAX_FILTERS) {
                throw in.wrong("more than " + MAX_FILTERS + " filters");
            }
            if (in.startsWith("|=")) {
                line(false, true, conditions);
            } else if (in.startsWith("!=")) {
                line(false, false, conditions);
            } else if (in.startsWith("|~")) {
                line(true, true, conditions);
            } else if (in.startsWith("!~")) {
                line(true, false, conditions);
            } else if (!in.done() && in.peek() == '|') {
                in.skip(1);
                stage(resources, conditions);
            } else {
                return;
            }
        }
    }

    private void line(boolean regex, boolean wanted, List<Condition> conditions) {
        in.skip(2);
        List<Condition> any = new ArrayList<>();
        do {
            in.white();
            int start = in.at();
            String value = in.string();
            any.add(regex ? lineMatches(value, start) : lineHas(value));
            in.white();
        } while (in.word("or"));
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
        in.white();
        int start = in.at();
        String name = in.identifier();
        in.back(start);
        switch (name) {
            case "drop", "keep" -> {
                in.skip(name.length());
                do {
                    in.white();
                    in.label();
                    in.white();
                } while (in.symbol(','));
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
                    throw in.wrong(
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
}
