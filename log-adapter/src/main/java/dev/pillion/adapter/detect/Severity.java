package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * What the words of the many level vocabularies mean as OpenTelemetry severity numbers (logs data
 * model, "Severity Fields" and appendix B). Thread-safe: no state.
 */
public final class Severity {

    /** The number of a record that has no level. */
    public static final int UNSET = 0;

    private static final Map<String, Integer> NUMBERS =
            Map.ofEntries(
                    Map.entry("trace", 1),
                    Map.entry("trc", 1),
                    Map.entry("verbose", 1),
                    Map.entry("vrb", 1),
                    Map.entry("finest", 1),
                    Map.entry("all", 1),
                    Map.entry("finer", 5),
                    Map.entry("debug", 5),
                    Map.entry("dbg", 5),
                    Map.entry("debg", 5),
                    Map.entry("fine", 6),
                    Map.entry("config", 7),
                    Map.entry("info", 9),
                    Map.entry("inf", 9),
                    Map.entry("information", 9),
                    Map.entry("informational", 9),
                    Map.entry("success", 9),
                    Map.entry("audit", 9),
                    Map.entry("notice", 10),
                    Map.entry("warn", 13),
                    Map.entry("wrn", 13),
                    Map.entry("warning", 13),
                    Map.entry("error", 17),
                    Map.entry("err", 17),
                    Map.entry("eror", 17),
                    Map.entry("severe", 17),
                    Map.entry("failure", 17),
                    Map.entry("crit", 18),
                    Map.entry("alert", 19),
                    Map.entry("critical", 21),
                    Map.entry("crt", 21),
                    Map.entry("fatal", 21),
                    Map.entry("ftl", 21),
                    Map.entry("panic", 21),
                    Map.entry("dpanic", 21),
                    Map.entry("emerg", 21),
                    Map.entry("emergency", 21));

    private static final Map<String, Integer> LETTERS =
            Map.of("V", 1, "T", 1, "D", 5, "I", 9, "N", 10, "W", 13, "E", 17, "S", 17, "F", 21);

    private static final int LONGEST = 13;

    private Severity() {}

    /**
     * @return 1–24, or {@link #UNSET} if the bytes are no level word
     */
    public static int ofWord(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < 3 || length > LONGEST) {
            return UNSET;
        }
        // The four words that make nearly all lines, without an object.
        switch (bytes[from] | 0x20) {
            case 'i' -> {
                if (length == 4 && is(bytes, from, "info")) {
                    return 9;
                }
            }
            case 'w' -> {
                if ((length == 4 && is(bytes, from, "warn"))
                        || (length == 7 && is(bytes, from, "warning"))) {
                    return 13;
                }
            }
            case 'e' -> {
                if (length == 5 && is(bytes, from, "error")) {
                    return 17;
                }
            }
            case 'd' -> {
                if (length == 5 && is(bytes, from, "debug")) {
                    return 5;
                }
            }
            default -> {}
        }
        for (int i = from; i < to; i++) {
            if (!StampFormat.letter(bytes[i])) {
                return UNSET;
            }
        }
        String word =
                new String(bytes, from, length, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        return NUMBERS.getOrDefault(word, UNSET);
    }

    /**
     * A word, or a single letter as Android and glog write it.
     *
     * @return 1–24, or {@link #UNSET}
     */
    public static int ofWordOrLetter(byte[] bytes, int from, int to) {
        if (to - from == 1) {
            return LETTERS.getOrDefault(String.valueOf((char) bytes[from]), UNSET);
        }
        return ofWord(bytes, from, to);
    }

    /**
     * The severity of a syslog priority number (RFC 5424, section 6.2.1), as GELF uses it.
     *
     * @param level 0 (emergency) to 7 (debug)
     */
    public static int ofSyslog(long level) {
        return switch ((int) level) {
            case 0 -> 21;
            case 1 -> 19;
            case 2 -> 18;
            case 3 -> 17;
            case 4 -> 13;
            case 5 -> 10;
            case 6 -> 9;
            case 7 -> 5;
            default -> UNSET;
        };
    }

    /** The severity of bunyan's and pino's levels: 10 trace, 20 debug … 60 fatal. */
    public static int ofTens(long level) {
        if (level < 10 || level > 60) {
            return UNSET;
        }
        return (int) (level / 10) * 4 - 3;
    }

    /** The short name of a number (logs data model, "Displaying Severity"). */
    public static String name(int number) {
        if (number <= 0 || number > 24) {
            return "";
        }
        return switch ((number - 1) / 4) {
            case 0 -> "TRACE";
            case 1 -> "DEBUG";
            case 2 -> "INFO";
            case 3 -> "WARN";
            case 4 -> "ERROR";
            default -> "FATAL";
        };
    }

    private static boolean is(byte[] bytes, int from, String lower) {
        for (int i = 0; i < lower.length(); i++) {
            if ((bytes[from + i] | 0x20) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
