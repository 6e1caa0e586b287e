package dev.pillion.legacy.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.time.ZonedDateTime;

class DateLinesTest {

    @Test
    void printsWhatDatePrints() {
        assertEquals(
                "Sun Nov 22 20:51:43 UTC 2026",
                DateLines.line(ZonedDateTime.parse("2026-11-22T20:51:43Z[UTC]")));
        assertEquals(
                "Thu Jan  1 09:05:07 CET 2026",
                DateLines.line(ZonedDateTime.parse("2026-01-01T09:05:07+01:00[Europe/Berlin]")));
    }
}
