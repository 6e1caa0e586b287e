package dev.pillion.central.loki;

import dev.pillion.central.query.Times;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and durations as Loki takes and gives them. */
final class LokiTimes {

    static final long SECOND = 1_000_000_000L;
    static final long HOUR = 3600 * SECOND;

    /** Ten digits are seconds, more are nanoseconds. */
    private static final int SECONDS_DIGITS = 10;

    private static final int MAX_DIGITS = 19;
    private static final Pattern PART = Pattern.compile("(\\d{1,9})(ns|us|µs|ms|s|m|h|d|w|y)");
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,12}(\\.\\d{1,12})?");

    private LokiTimes() {}

    /**
     * @param now what {@code now} refers to, epoch nanoseconds
     * @return epoch nanoseconds
     * @throws IllegalArgumentException with a message for a person
     */
    static long time(String name, String text, long now) {
        if (text.matches("\\d{1," + SECONDS_DIGITS + "}(\\.\\d{1,12})?")) {
            return nanos(text);
        }
        if (text.matches("\\d+") && text.length() <= MAX_DIGITS) {
            return Long.parseLong(text);
        }
        return Times.parse(name, text, now);
    }

    private static long nanos(String seconds) {
        return new BigDecimal(seconds)
                .movePointRight(9)
                .setScale(0, RoundingMode.DOWN)
                .longValueExact();
    }

    /** Nanoseconds of {@code 5m}, {@code 1h30m}; nothing if it is not a duration. */
    static OptionalLong duration(String text) {
        Matcher part = PART.matcher(text);
        long sum = 0;
        int end = 0;
        while (part.find() && part.start() == end) {
            sum += Long.parseLong(part.group(1)) * unit(part.group(2));
            end = part.end();
            if (sum > 3650L * 86400 * SECOND || sum < 0) {
                return OptionalLong.empty();
            }
        }
        return end == text.length() && sum > 0 ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    private static long unit(String name) {
        return switch (name) {
            case "ns" -> 1;
            case "us", "µs" -> 1000;
            case "ms" -> 1_000_000;
            case "s" -> SECOND;
            case "m" -> 60 * SECOND;
            case "h" -> 3600 * SECOND;
            case "d" -> 86400 * SECOND;
            case "w" -> 7 * 86400 * SECOND;
            default -> 365 * 86400 * SECOND;
        };
    }

    /**
     * A step: a duration, or seconds.
     *
     * @throws IllegalArgumentException with a message for a person
     */
    static long step(String text) {
        long step =
                duration(text).orElseGet(() -> DECIMAL.matcher(text).matches() ? nanos(text) : 0);
        if (step <= 0) {
            throw new IllegalArgumentException(
                    "step: '" + text + "' is not a duration; write 30s, 5m or seconds");
        }
        return step;
    }

    /** Epoch seconds, with a fraction if there is one. */
    static String seconds(long nanos) {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
    }
}
