package dev.pillion.legacy.workload;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The textbook's logger: a run is a line of {@code date.log}, as date(1) prints it in the POSIX
 * locale, {@code %a %b %e %H:%M:%S %Z %Y}.
 */
public final class DateLines implements Runnable {

    private static final Logger DATE = LogManager.getLogger("date");

    private static final DateTimeFormatter DATE_1 =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss zzz yyyy", Locale.US);

    private final Clock clock;
    private final ZoneId zone;

    public DateLines(Clock clock, ZoneId zone) {
        this.clock = clock;
        this.zone = zone;
    }

    @Override
    public void run() {
        DATE.info(line(clock.instant().atZone(zone)));
    }

    static String line(ZonedDateTime time) {
        return DATE_1.format(time);
    }
}
