package dev.pillion.adapter.detect;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The parts of a time stamp: each is read at an offset and answers where it ends, or -1 if it does
 * not stand there. Used by {@link StampFormat}. Thread-safe: no state.
 */
final class StampParts {

    private static final String[] MONTHS = {
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
    };
    private static final String[] DAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    /** Zone names seen in logs; an ambiguous one has its most common meaning. */
    private static final Map<String, Integer> ZONES =
            Map.ofEntries(
                    Map.entry("UTC", 0),
                    Map.entry("GMT", 0),
                    Map.entry("WET", 0),
                    Map.entry("WEST", 3600),
                    Map.entry("BST", 3600),
                    Map.entry("CET", 3600),
                    Map.entry("MEZ", 3600),
                    Map.entry("CEST", 7200),
                    Map.entry("MESZ", 7200),
                    Map.entry("EET", 7200),
                    Map.entry("EEST", 10800),
                    Map.entry("MSK", 10800),
                    Map.entry("IST", 19800),
                    Map.entry("JST", 32400),
                    Map.entry("KST", 32400),
                    Map.entry("AEST", 36000),
                    Map.entry("AEDT", 39600),
                    Map.entry("EST", -18000),
                    Map.entry("EDT", -14400),
                    Map.entry("CST", -21600),
                    Map.entry("CDT", -18000),
                    Map.entry("MST", -25200),
                    Map.entry("MDT", -21600),
                    Map.entry("PST", -28800),
                    Map.entry("PDT", -25200));

    private StampParts() {}

    /** 0 to 11 by the first three letters of a month's name, or -1. */
    static int month(byte[] bytes, int from, int to) {
        return name(MONTHS, bytes, from, to);
    }

    /** 0 to 6 by the first three letters of a day's name, Monday first, or -1. */
    static int weekday(byte[] bytes, int from, int to) {
        return name(DAYS, bytes, from, to);
    }

    /** A fraction of a second, if there is one. */
    static int fraction(byte[] bytes, int from, int to, Stamp into) {
        if (from + 1 >= to
                || (bytes[from] != '.' && bytes[from] != ',' && bytes[from] != ':')
                || !StampFormat.digit(bytes[from + 1])) {
            return from;
        }
        int at = from + 1;
        int nanos = 0;
        int scale = 100_000_000;
        while (at < to && StampFormat.digit(bytes[at])) {
            nanos += (bytes[at] - '0') * scale;
            scale /= 10;
            at++;
        }
        into.nanos = nanos;
        return at;
    }

    /** AM or PM. */
    static int halfDay(byte[] bytes, int from, int to, Stamp into) {
        int at = from;
        // A narrow no-break space (U+202F) stands here in newer locale data.
        if (at + 2 < to
                && bytes[at] == (byte) 0xE2
                && bytes[at + 1] == (byte) 0x80
                && bytes[at + 2] == (byte) 0xAF) {
            at += 3;
        }
        if (at + 1 >= to || (bytes[at + 1] | 0x20) != 'm') {
            return -1;
        }
        int letter = bytes[at] | 0x20;
        into.am = letter == 'a';
        into.pm = letter == 'p';
        boolean ends = at + 2 >= to || !StampFormat.letter(bytes[at + 2]);
        return (into.am || into.pm) && ends ? at + 2 : -1;
    }

    /** An offset or a name. */
    static int zone(byte[] bytes, int from, int to, Stamp into) {
        if (from >= to) {
            return -1;
        }
        byte first = bytes[from];
        if (first == '+' || first == '-') {
            int hours = digits(bytes, from + 1, to, 2);
            if (hours < 0 || hours > 18) {
                return -1;
            }
            int at = from + 3;
            int minutes = 0;
            if (at < to && bytes[at] == ':' && digits(bytes, at + 1, to, 2) >= 0) {
                minutes = digits(bytes, at + 1, to, 2);
                at += 3;
            } else if (digits(bytes, at, to, 2) >= 0) {
                minutes = digits(bytes, at, to, 2);
                at += 2;
            }
            int seconds = hours * 3600 + minutes * 60;
            into.offsetSeconds = first == '-' ? -seconds : seconds;
            return at;
        }
        int end = from;
        while (end < to && bytes[end] >= 'A' && bytes[end] <= 'Z') {
            end++;
        }
        if (end < to && (StampFormat.letter(bytes[end]) || StampFormat.digit(bytes[end]))) {
            return -1;
        }
        if (end == from + 1 && first == 'Z') {
            into.offsetSeconds = 0;
            return end;
        }
        if (end < from + 3 || end > from + 4) {
            return -1;
        }
        Integer offset = ZONES.get(new String(bytes, from, end - from, StandardCharsets.US_ASCII));
        if (offset == null) {
            return -1;
        }
        into.offsetSeconds = offset;
        return end;
    }

    /** A time since 1970; its unit is told by the number of digits. */
    static int epoch(byte[] bytes, int from, int to, Stamp into) {
        int at = from;
        long value = 0;
        while (at < to && StampFormat.digit(bytes[at]) && at - from < 19) {
            value = value * 10 + (bytes[at] - '0');
            at++;
        }
        // From 2001 to 2033 for 10 digits; the finer units likewise.
        if (bytes[from] != '1' && bytes[from] != '2') {
            return -1;
        }
        into.epoch = true;
        switch (at - from) {
            case 10 -> {
                into.epochSeconds = value;
                return fraction(bytes, at, to, into);
            }
            case 13 -> {
                into.epochSeconds = value / 1000;
                into.nanos = (int) (value % 1000) * 1_000_000;
            }
            case 16 -> {
                into.epochSeconds = value / 1_000_000;
                into.nanos = (int) (value % 1_000_000) * 1000;
            }
            case 19 -> {
                into.epochSeconds = value / 1_000_000_000;
                into.nanos = (int) (value % 1_000_000_000);
            }
            default -> {
                return -1;
            }
        }
        return at;
    }

    private static int name(String[] names, byte[] bytes, int from, int to) {
        if (from + 3 > to) {
            return -1;
        }
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            if ((bytes[from] | 0x20) == name.charAt(0)
                    && (bytes[from + 1] | 0x20) == name.charAt(1)
                    && (bytes[from + 2] | 0x20) == name.charAt(2)) {
                return i;
            }
        }
        return -1;
    }

    static int wordEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && StampFormat.letter(bytes[at])) {
            at++;
        }
        return at;
    }

    /** One or two digits: how many are there; 0 if none or more. */
    static int width(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && StampFormat.digit(bytes[at]) && at - from < 3) {
            at++;
        }
        return at - from <= 2 ? at - from : 0;
    }

    /** The number that exactly so many digits make, or -1. */
    static int digits(byte[] bytes, int from, int to, int count) {
        if (from + count > to) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + count; i++) {
            if (!StampFormat.digit(bytes[i])) {
                return -1;
            }
            value = value * 10 + (bytes[i] - '0');
        }
        return value;
    }
}
