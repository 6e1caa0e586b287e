package dev.pillion.central.store;

import java.util.List;

/**
 * The names of severity numbers.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber">the
 *     data model</a>
 */
public final class Severities {

    /** The bands in rising order; all but the first have four numbers each. */
    public static final List<String> BANDS =
            List.of("UNSET", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");

    private Severities() {}

    /** The name of a number's band. */
    public static String name(int number) {
        return BANDS.get(ChunkHead.band(number));
    }

    /** As above, of a number as it was sent: of one that OpenTelemetry does not have, UNSET. */
    public static String nameOfAny(int number) {
        return name(number >= 0 && number <= 24 ? number : 0);
    }

    /** The first number of a band, or -1 if the name is none. */
    public static int first(String name) {
        String wanted = name.toUpperCase(java.util.Locale.ROOT);
        int band =
                switch (wanted) {
                    case "WARNING" -> 4;
                    case "ERR", "SEVERE" -> 5;
                    case "CRITICAL" -> 6;
                    default -> BANDS.indexOf(wanted);
                };
        return band <= 0 ? band : band * 4 - 3;
    }

    /** The last number of the band that begins with this one. */
    public static int last(int first) {
        return first == 0 ? 0 : first + 3;
    }
}
