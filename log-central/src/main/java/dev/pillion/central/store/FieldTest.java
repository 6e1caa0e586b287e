package dev.pillion.central.store;

import dev.pillion.central.regex.Finder;
import dev.pillion.central.regex.Needle;
import dev.pillion.central.regex.Occurrences;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decides of one value. Used by the one thread of its query. */
interface FieldTest extends Values.Visitor {

    /** What occurs in every text for which this is true. */
    default Needle needle() {
        return Needle.NONE;
    }

    /**
     * Decides as {@link #text}.
     *
     * @param needles where the needle occurs, in these bytes and perhaps in others behind them
     */
    default boolean textWithNeedle(byte[] bytes, int from, int to, Occurrences needles) {
        return text(bytes, from, to);
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
        return new Regex(new Condition.Regex(text.field(), pattern), deadline);
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
        private final byte[] folded;
        private final Needle needle;
        private final boolean checkStart;
        private final boolean checkEnd;

        Text(Condition.Text text) {
            super(text.field().isEmpty());
            folded = Words.fold(text.text());
            needle = Needle.of(folded);
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
            return textWithNeedle(bytes, from, to, place -> needle.find(bytes, place, to));
        }

        @Override
        public boolean textWithNeedle(byte[] bytes, int from, int to, Occurrences needles) {
            for (int at = needles.next(from);
                    at >= 0 && at + needle.length() <= to;
                    at = needles.next(at + 1)) {
                boolean starts = !checkStart || at == from || !Words.isWord(bytes[at - 1]);
                int end = at + folded.length;
                if (starts
                        && goesOn(bytes, at, to)
                        && (!checkEnd || end == to || !Words.isWord(bytes[end]))) {
                    return true;
                }
                if (folded.length == 0) {
                    return true;
                }
            }
            return false;
        }

        /** Whether behind the needle what is more of the text follows. */
        private boolean goesOn(byte[] bytes, int at, int to) {
            if (folded.length > to - at) {
                return false;
            }
            for (int i = needle.length(); i < folded.length; i++) {
                if (Words.fold(bytes[at + i]) != folded[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** It is exactly this. */
    final class Exact extends AsText {
        private final byte[] wanted;
        private final Needle needle;

        Exact(String value) {
            super(false);
            wanted = value.getBytes(StandardCharsets.UTF_8);
            needle = Needle.of(wanted);
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
        private final boolean beginsWithNeedle;
        private final Optional<Finder> finder;
        private final WatchedText watched;
        private final java.util.regex.Matcher matcher;

        Regex(Condition.Regex regex, Deadline deadline) {
            super(regex.field().isEmpty());
            pattern = regex.pattern();
            needle = regex.expression().needle();
            beginsWithNeedle = regex.expression().beginsWithNeedle();
            finder = regex.expression().finder(deadline::check);
            watched = new WatchedText(deadline);
            matcher = pattern.matcher(watched);
        }

        @Override
        public Needle needle() {
            return needle;
        }

        @Override
        public boolean text(byte[] bytes, int from, int to) {
            return (finder.isPresent() || needle.find(bytes, from, to) >= 0)
                    && textWithNeedle(bytes, from, to, place -> needle.find(bytes, place, to));
        }

        @Override
        public boolean textWithNeedle(byte[] bytes, int from, int to, Occurrences needles) {
            if (finder.isEmpty()) {
                return isFound(bytes, from, to);
            }
            Finder.Answer answer =
                    beginsWithNeedle
                            ? finder.get().find(bytes, from, to, needles)
                            : finder.get().find(bytes, from, to);
            return switch (answer) {
                case NO -> false;
                case MAYBE -> isFound(bytes, from, to);
                case YES -> true;
            };
        }

        private boolean isFound(byte[] bytes, int from, int to) {
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
