package dev.pillion.adapter.tail;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The time of day, which may be set at any moment: says so when it was. Nothing waits by it, and no
 * file is known by it. Used by the scan thread alone.
 */
final class WallClock {

    private static final Logger LOG = Logger.getLogger(WallClock.class.getName());

    /** A clock that is steered (NTP) differs by less from one look to the next. */
    private static final Duration JUMP = Duration.ofSeconds(5);

    private final Clock clock;
    private Instant time;
    private long nanos;

    WallClock(Clock clock) {
        this.clock = clock;
        this.time = clock.instant();
        this.nanos = System.nanoTime();
    }

    /** Compares the time that went by with that of the monotonic clock. */
    void look() {
        Instant nowTime = clock.instant();
        long nowNanos = System.nanoTime();
        Duration jump = Duration.between(time, nowTime).minusNanos(nowNanos - nanos);
        if (jump.abs().compareTo(JUMP) > 0) {
            LOG.log(
                    Level.WARNING,
                    "the system clock was set {0} s {1}; observed times follow it, nothing else does",
                    new Object[] {jump.abs().toSeconds(), jump.isNegative() ? "back" : "forward"});
        }
        time = nowTime;
        nanos = nowNanos;
    }

    /** How long ago something was, in nanoseconds of the monotonic clock; 0 if it is to come. */
    long ageNanos(Instant then) {
        Duration age = Duration.between(then, clock.instant());
        return age.isNegative() ? 0 : TimeUnit.NANOSECONDS.convert(age);
    }
}
