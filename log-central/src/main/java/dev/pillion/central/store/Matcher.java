package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Otlp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** Decides of one record whether a condition holds. */
interface Matcher {

    boolean test(Rows rows, int row);

    /**
     * @param deadline asked now and then by what may take long
     */
    static Matcher of(Condition condition, Deadline deadline) {
        return switch (condition) {
            case Condition.Everything _ -> (_, _) -> true;
            case Condition.Severity severity ->
                    (rows, row) ->
                            rows.severities()[row] >= severity.low()
                                    && rows.severities()[row] <= severity.high();
            case Condition.Text text -> text(text, deadline);
            case Condition.Regex regex ->
                    field(regex.field(), new RegexTest(regex.pattern(), deadline));
            case Condition.Exact exact -> field(exact.field(), new ExactTest(exact.value()));
            case Condition.Range range -> field(range.field(), new RangeTest(range));
            case Condition.Exists exists -> field(exists.field(), new Anything());
            case Condition.Not not -> {
                Matcher part = of(not.part(), deadline);
                yield (rows, row) -> !part.test(rows, row);
            }
            case Condition.And and -> {
                List<Matcher> parts = and.parts().stream().map(p -> of(p, deadline)).toList();
                yield (rows, row) -> {
                    for (Matcher part : parts) {
                        if (!part.test(rows, row)) {
                            return false;
                        }
                    }
                    return true;
                };
            }
            case Condition.Or or -> {
                List<Matcher> parts = or.parts().stream().map(p -> of(p, deadline)).toList();
                yield (rows, row) -> {
                    for (Matcher part : parts) {
                        if (part.test(rows, row)) {
                            return true;
                        }
                    }
                    return false;
                };
            }
        };
    }

    private static Matcher text(Condition.Text text, Deadline deadline) {
        boolean ascii = text.text().chars().allMatch(c -> c < 0x80);
        if (ascii) {
            return field(text.field(), new TextTest(text));
        }
        String start = text.wordStart() ? "(?<![\\p{L}\\p{N}_])" : "";
        String end = text.wordEnd() ? "(?![\\p{L}\\p{N}_])" : "";
        Pattern pattern =
                Pattern.compile(
                        start + Pattern.quote(text.text()) + end,
                        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        return field(text.field(), new RegexTest(pattern, deadline));
    }

    private static Matcher field(String field, Values.Visitor test) {
        if (field.isEmpty()) {
            return (rows, row) -> Values.anywhere(rows, row, test);
        }
        byte[] name = field.getBytes(StandardCharsets.UTF_8);
        return (rows, row) ->
                Values.named(rows, row, field, name, test)
                        || Values.ofOrigin(
                                rows.scopes()[rows.scope()[row]], Otlp.SCOPE_ATTRIBUTES, name, test)
                        || Values.ofOrigin(rows.resource(), Otlp.RESOURCE_ATTRIBUTES, name, test);
    }

    /** Numbers and truth values are tested as the text they are shown as. */
    abstract class AsText implements Values.Visitor {
        @Override
        public boolean whole(long value) {
            return shown(Long.toString(value));
        }

        @Override
        public boolean decimal(double value) {
            return shown(Double.toString(value));
        }

        @Override
        public boolean truth(boolean value) {
            return shown(Boolean.toString(value));
        }

        private boolean shown(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return text(bytes, 0, bytes.length);
        }
    }

    final class TextTest extends AsText {
        private final byte[] folded;
        private final boolean wordStart;
        private final boolean wordEnd;
        private final boolean anywhere;

        TextTest(Condition.Text text) {
            folded = Words.fold(text.text().getBytes(StandardCharsets.UTF_8));
            wordStart = text.wordStart();
            wordEnd = text.wordEnd();
            anywhere = text.field().isEmpty();
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            return Words.contains(bytes, from, to, folded, wordStart, wordEnd);
        }

        @Override
        public boolean whole(long value) {
            // Numbers are not among a chunk's words; they are found by the name of their field.
            return !anywhere && super.whole(value);
        }

        @Override
        public boolean decimal(double value) {
            return !anywhere && super.decimal(value);
        }

        @Override
        public boolean truth(boolean value) {
            return !anywhere && super.truth(value);
        }
    }

    final class ExactTest extends AsText {
        private final byte[] wanted;

        ExactTest(String value) {
            wanted = value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            return java.util.Arrays.equals(bytes, from, to, wanted, 0, wanted.length);
        }
    }

    final class RegexTest extends AsText {
        private final Pattern pattern;
        private final Deadline deadline;

        RegexTest(Pattern pattern, Deadline deadline) {
            this.pattern = pattern;
            this.deadline = deadline;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            try {
                return pattern.matcher(deadline.watch(text)).find();
            } catch (StackOverflowError e) {
                throw new QueryStopped("the regular expression needs too much stack: " + pattern);
            }
        }
    }

    final class Anything implements Values.Visitor {
        @Override
        public boolean text(byte[] bytes, int from, int to) {
            return true;
        }

        @Override
        public boolean whole(long value) {
            return true;
        }

        @Override
        public boolean decimal(double value) {
            return true;
        }

        @Override
        public boolean truth(boolean value) {
            return true;
        }
    }

    final class RangeTest implements Values.Visitor {
        private final Condition.Range range;
        private final boolean numeric;
        private final double low;
        private final double high;

        RangeTest(Condition.Range range) {
            this.range = range;
            double from = Double.NEGATIVE_INFINITY;
            double to = Double.POSITIVE_INFINITY;
            boolean numbers = true;
            try {
                from = range.low().isEmpty() ? from : Double.parseDouble(range.low());
                to = range.high().isEmpty() ? to : Double.parseDouble(range.high());
            } catch (NumberFormatException e) {
                numbers = false;
            }
            numeric = numbers;
            low = from;
            high = to;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            if (numeric) {
                try {
                    return decimal(Double.parseDouble(text));
                } catch (NumberFormatException e) {
                    return false;
                }
            }
            int low = range.low().isEmpty() ? 1 : text.compareTo(range.low());
            int high = range.high().isEmpty() ? -1 : text.compareTo(range.high());
            return (low > 0 || (low == 0 && range.lowIncluded()))
                    && (high < 0 || (high == 0 && range.highIncluded()));
        }

        @Override
        public boolean whole(long value) {
            return decimal((double) value);
        }

        @Override
        public boolean decimal(double value) {
            return numeric
                    && (range.lowIncluded() ? value >= low : value > low)
                    && (range.highIncluded() ? value <= high : value < high);
        }

        @Override
        public boolean truth(boolean value) {
            return false;
        }
    }
}
