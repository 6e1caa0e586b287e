package dev.pillion.central.query;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as the reading API takes and gives them: RFC 3339, or epoch nanoseconds. */
public final class Times {

    private static final long SECOND = 1_000_000_000L;
    private static final Pattern AGO = Pattern.compile("now(?:-(\\d{1,6})([smhd]))?");
    private static final DateTimeFormatter RFC_3339 =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

    private Times() {}

    /**
     * @param now what {@code now} and {@code now-15m} refer to, epoch nanoseconds
     * @return epoch nanoseconds
     * @throws IllegalArgumentException with a message for a person
     */
    public static long parse(String name, String text, long now) {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw wrong(name, text);
            }
        }
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return ago.group(1) == null ? now : now - interval(ago.group(1) + ago.group(2));
        }
        try {
            Instant instant = OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
            return Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), SECOND), instant.getNano());
        } catch (DateTimeException | ArithmeticException e) {
            throw wrong(name, text);
        }
    }

    private static IllegalArgumentException wrong(String name, String text) {
        return new IllegalArgumentException(
                name
                        + ": '"
                        + text
                        + "' is not a time; write 2026-11-22T21:00:00Z, now-15m or epoch"
                        + " nanoseconds");
    }

    /** Nanoseconds of {@code 30s}, {@code 5m}, {@code 1h}, {@code 1d}. */
    static long interval(String text) {
        Matcher matcher = Pattern.compile("(\\d{1,6})([smhd])").matcher(text);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new IllegalArgumentException(
                    "interval: '" + text + "' is none; write 30s, 5m, 1h or 1d");
        }
        long seconds =
                switch (matcher.group(2)) {
                    case "s" -> 1;
                    case "m" -> 60;
                    case "h" -> 3600;
                    default -> 86400;
                };
        return Long.parseLong(matcher.group(1)) * seconds * SECOND;
    }

    /** RFC 3339 in UTC with nanoseconds. */
    public static String format(long nanos) {
        return RFC_3339.format(
                Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND))
                        .atOffset(ZoneOffset.UTC));
    }
}
