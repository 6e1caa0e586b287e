package dev.pillion.adapter.detect;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The fields of one time stamp while it is read, and their meaning as a point in time. Reused from
 * line to line; owned by one thread.
 */
public final class Stamp {

    /** No offset was written beside the stamp. */
    static final int NO_OFFSET = Integer.MIN_VALUE;

    private static final long DAY_SECONDS = 86_400;

    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int nanos;
    int offsetSeconds;
    boolean pm;
    boolean am;
    long epochSeconds;
    boolean epoch;

    private final ZoneId zone;
    private final boolean fixedZone;
    private final int fixedOffset;
    private final long referenceSeconds;

    // The offset of a zone with rules changes at most hourly: remembered for the last hour seen.
    private long cachedHour = Long.MIN_VALUE;
    private int cachedOffset;

    /**
     * @param zone for stamps that name none
     * @param reference a time close after the last line (a file's modification time): from it the
     *     year of a year-less stamp follows
     */
    public Stamp(ZoneId zone, Instant reference) {
        this.zone = zone;
        this.fixedZone = zone.getRules().isFixedOffset();
        this.fixedOffset =
                fixedZone ? zone.getRules().getOffset(Instant.EPOCH).getTotalSeconds() : 0;
        this.referenceSeconds = reference.getEpochSecond();
    }

    void clear() {
        year = -1;
        month = 1;
        day = 1;
        hour = 0;
        minute = 0;
        second = 0;
        nanos = 0;
        offsetSeconds = NO_OFFSET;
        pm = false;
        am = false;
        epoch = false;
    }

    /** Nanoseconds since 1970-01-01T00:00Z of what was matched last. */
    public long epochNanos() {
        return seconds() * 1_000_000_000L + nanos;
    }

    long seconds() {
        if (epoch) {
            return epochSeconds;
        }
        if (year >= 0) {
            return at(year);
        }
        int candidate = LocalDateTime.ofEpochSecond(referenceSeconds, 0, ZoneOffset.UTC).getYear();
        for (int back = 0; back < 8; back++) {
            if (day == 29 && month == 2 && !leap(candidate - back)) {
                continue;
            }
            long seconds = at(candidate - back);
            if (seconds <= referenceSeconds + DAY_SECONDS) {
                return seconds;
            }
        }
        return at(candidate);
    }

    /** Whether a time lies more than a day after the reference. */
    boolean future(long seconds) {
        return seconds > referenceSeconds + DAY_SECONDS;
    }

    private static boolean leap(int year) {
        return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private long at(int year) {
        int h = hour;
        if (pm && h < 12) {
            h += 12;
        } else if (am && h == 12) {
            h = 0;
        }
        long local =
                daysFromCivil(year, month, day) * DAY_SECONDS + h * 3600L + minute * 60L + second;
        if (offsetSeconds != NO_OFFSET) {
            return local - offsetSeconds;
        }
        if (fixedZone) {
            return local - fixedOffset;
        }
        long hourOfEpoch = Math.floorDiv(local, 3600L);
        if (hourOfEpoch != cachedHour) {
            cachedOffset =
                    zone.getRules()
                            .getOffset(LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC))
                            .getTotalSeconds();
            cachedHour = hourOfEpoch;
        }
        return local - cachedOffset;
    }

    /**
     * Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible
     * Low-Level Date Algorithms", days_from_civil).
     */
    static long daysFromCivil(int year, int month, int day) {
        long y = month <= 2 ? year - 1L : year;
        long era = Math.floorDiv(y, 400L);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }
}
