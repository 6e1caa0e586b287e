package dev.pillion.adapter.detect;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds how an unknown time stamp is written, by trying dates, what joins them to a time of day,
 * times, and what may follow. Called while a file's dialect is looked for, and for stamps in fields
 * of JSON. Thread-safe: no state.
 */
public final class StampForms {

    /** Dates, the more telling first. */
    private static final String[] DATES = {
        "Y'-M'-d",
        "Y'/M'/d",
        "Y'.M'.d",
        "YOD",
        "d N Y",
        "d'-N'-Y",
        "d'/N'/Y",
        "d'.N'.Y",
        "d N y",
        "d'-N'-y",
        "d'/N'/y",
        "N d', Y",
        "N d Y",
        "N'-d'-Y",
        "W', d N Y",
        "W', d'-N'-Y",
        "W', N d', Y",
        "W N d Y",
        "W d N Y",
        "W N d",
        "W d N",
        "N d",
        "d N",
        "M'/d'/Y",
        "d'/M'/Y",
        "M'-d'-Y",
        "d'-M'-Y",
        "d'.M'.Y",
        "M'.d'.Y",
        "y'/M'/d",
        "M'/d'/y",
        "d'/M'/y",
        "y'-M'-d",
        "d'-M'-y",
        "M'-d'-y",
        "d'.M'.y",
        "y'.M'.d",
        "yOD",
        "DOy",
        "M'-d",
        "M'/d",
        "M'.d",
        "d'.M'.",
    };

    private static final String[] JOINTS = {
        " ", "'T", "':", "'-", "'_", "', ", " '- ", "'.", "'t", "'| ", "'|"
    };
    private static final String[] TIMES = {"H':m':sF", "hmsF", "H'.m'.sF", "H'-m'-sF", "H':m"};

    /** No stamp has more bytes. */
    private static final int LONGEST = 64;

    private static final StampFormat EPOCH = new StampFormat("E");
    private static final List<StampFormat> LETTER_FIRST = dates(true);
    private static final List<StampFormat> DIGIT_FIRST = dates(false);

    private StampForms() {}

    private static List<StampFormat> dates(boolean letter) {
        return Arrays.stream(DATES)
                .filter(date -> (date.charAt(0) == 'N' || date.charAt(0) == 'W') == letter)
                .map(StampFormat::new)
                .toList();
    }

    /**
     * Finds the forms the stamp at {@code from} may have, the likeliest first; more than one only
     * where day, month and year cannot be told apart.
     */
    static List<StampFormat> infer(byte[] bytes, int from, int to) {
        int limit = Math.min(to, from + LONGEST);
        boolean digit = from < limit && StampFormat.digit(bytes[from]);
        if (from >= limit || !(digit || StampFormat.letter(bytes[from]))) {
            return List.of();
        }
        Stamp scratch = new Stamp(ZoneOffset.UTC, Instant.EPOCH);
        List<StampFormat> found = new ArrayList<>(1);
        for (StampFormat form : digit ? DIGIT_FIRST : LETTER_FIRST) {
            int end = form.match(bytes, from, limit, scratch);
            // The compact forms run on into the time of day.
            if (end < 0) {
                continue;
            }
            String date = form.ops();
            String whole = withTime(date, bytes, from, end, limit, scratch);
            if (whole != null) {
                found.add(new StampFormat(whole));
                if (!date.contains("'") || date.startsWith("Y") || date.contains("N")) {
                    break;
                }
            }
        }
        if (found.isEmpty() && digit && EPOCH.match(bytes, from, limit, scratch) > 0) {
            found.add(EPOCH);
        }
        return found;
    }

    private static String withTime(
            String date, byte[] bytes, int from, int dateEnd, int limit, Stamp scratch) {
        for (String joint : JOINTS) {
            char needed = joint.charAt(0) == '\'' ? joint.charAt(1) : ' ';
            if (dateEnd >= limit
                    || (needed == ' '
                            ? !StampFormat.blank(bytes[dateEnd])
                            : bytes[dateEnd] != needed)) {
                continue;
            }
            for (String time : TIMES) {
                String ops = date + joint + time;
                int end = new StampFormat(ops).match(bytes, from, limit, scratch);
                if (end < 0) {
                    continue;
                }
                ops = extend(ops, " A", bytes, from, limit, scratch);
                ops = extend(ops, "A", bytes, from, limit, scratch);
                String zoned = extend(ops, "z", bytes, from, limit, scratch);
                zoned = zoned.equals(ops) ? extend(ops, " z", bytes, from, limit, scratch) : zoned;
                boolean yearAlready = date.indexOf('Y') >= 0 || date.indexOf('y') >= 0;
                return yearAlready ? zoned : extend(zoned, " Y", bytes, from, limit, scratch);
            }
        }
        return null;
    }

    private static String extend(
            String ops, String more, byte[] bytes, int from, int limit, Stamp scratch) {
        if (ops.endsWith("A") && more.endsWith("A")) {
            return ops;
        }
        int end = new StampFormat(ops + more).match(bytes, from, limit, scratch);
        return end < 0 ? ops : ops + more;
    }

    /** The form of a stamp that takes up all of the bytes. */
    public static Optional<StampFormat> whole(byte[] bytes, int from, int to) {
        Stamp scratch = new Stamp(ZoneOffset.UTC, Instant.EPOCH);
        return infer(bytes, from, to).stream()
                .filter(f -> f.match(bytes, from, to, scratch) == to)
                .findFirst();
    }
}
