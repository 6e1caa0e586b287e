package dev.pillion.central.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Decides of one value. Used by the one thread of its query. */
interface FieldTest extends Values.Visitor {

    /** What occurs in every text for which this is true. */
    default Needle needle() {
        return Needle.NONE;
    }

    static FieldTest of(Condition.Text text, Deadline deadline) {
        boolean ascii = text.text().chars().allMatch(c -> c < 0x80);
        if (ascii) {
            return new Text(text);
        }
        String start = text.wordStart() ? "(?<![\\p{L}\\p{N}_])" : "";
        String end = text.wordEnd() ? "(?![\\p{L}\\p{N}_])" : "";
        Pattern pattern =
                Pattern.compile(
                        start + Pattern.quote(text.text()) + end,
                        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        return new Regex(pattern, text.field().isEmpty(), deadline);
    }

    /**
     * Numbers and truth values are tested as the text they are shown as, in a field that is named;
     * anywhere they are not looked at, because they are not among a chunk's words.
     */
    abstract class AsText implements FieldTest {
        private final boolean anywhere;

        AsText(boolean anywhere) {
            this.anywhere = anywhere;
        }

        @Override
        public boolean whole(long value) {
            return !anywhere && shown(Long.toString(value));
        }

        @Override
        public boolean decimal(double value) {
            return !anywhere && shown(Double.toString(value));
        }

        @Override
        public boolean truth(boolean value) {
            return !anywhere && shown(Boolean.toString(value));
        }

        private boolean shown(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return text(bytes, 0, bytes.length);
        }
    }

    /** The text occurs. */
    final class Text extends AsText {
        private final Needle needle;
        private final boolean checkStart;
        private final boolean checkEnd;

        Text(Condition.Text text) {
            super(text.field().isEmpty());
            byte[] folded = Words.fold(text.text());
            needle = new Needle(folded);
            checkStart = text.wordStart() && folded.length > 0 && Words.isWord(folded[0]);
            checkEnd =
                    text.wordEnd() && folded.length > 0 && Words.isWord(folded[folded.length - 1]);
        }

        @Override
        public Needle needle() {
            return needle;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            int length = needle.length();
            for (int at = needle.find(bytes, from, to);
                    at >= 0;
                    at = needle.find(bytes, at + 1, to)) {
                boolean starts = !checkStart || at == from || !Words.isWord(bytes[at - 1]);
                int end = at + length;
                if (starts && (!checkEnd || end == to || !Words.isWord(bytes[end]))) {
                    return true;
                }
                if (length == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** It is exactly this. */
    final class Exact extends AsText {
        private final byte[] wanted;
        private final Needle needle;

        Exact(String value) {
            super(false);
            wanted = value.getBytes(StandardCharsets.UTF_8);
            needle = new Needle(Words.fold(wanted));
        }

        @Override
        public Needle needle() {
            return needle;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            return Arrays.equals(bytes, from, to, wanted, 0, wanted.length);
        }
    }

    /** The pattern is found in it. */
    final class Regex extends AsText {
        private final Pattern pattern;
        private final Needle needle;
        private final WatchedText watched;
        private final java.util.regex.Matcher matcher;

        Regex(Pattern pattern, boolean anywhere, Deadline deadline) {
            super(anywhere);
            this.pattern = pattern;
            needle = new Needle(Words.fold(Literal.of(pattern)));
            watched = new WatchedText(deadline);
            matcher = pattern.matcher(watched);
        }

        @Override
        public Needle needle() {
            return needle;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            if (needle.find(bytes, from, to) < 0) {
                return false;
            }
            watched.set(bytes, from, to);
            try {
                return matcher.reset().find();
            } catch (StackOverflowError e) {
                throw new QueryStopped(
                        QueryStopped.Kind.NOT_ANSWERABLE,
                        "the regular expression needs too much stack: " + pattern);
            }
        }
    }

    /** There is one. */
    final class Anything implements FieldTest {
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

    /** It lies between two bounds. */
    final class Range implements FieldTest {
        private final Condition.Range range;
        private final boolean numeric;
        private final double low;
        private final double high;

        Range(Condition.Range range) {
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
