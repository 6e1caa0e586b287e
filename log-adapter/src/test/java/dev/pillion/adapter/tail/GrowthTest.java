package dev.pillion.adapter.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How old the oldest undelivered byte is. */
class GrowthTest {

    private final Growth growth = new Growth();

    @Test
    void knowsWhenEachByteWasWritten() {
        growth.to(0, 100, 1000);
        growth.to(0, 250, 2000);
        assertEquals(1000, growth.since(0, 9000));
        assertEquals(1000, growth.since(99, 9000));
        assertEquals(2000, growth.since(100, 9000));
        assertEquals(9000, growth.since(250, 9000));
        growth.clear();
        assertEquals(9000, growth.since(0, 9000));
    }

    /** An hour of growth, step by step, with nothing delivered; then the half of it. */
    @Test
    void neverTakesAByteForYoungerThanItIs() {
        for (int second = 1; second <= 3600; second++) {
            growth.to(0, second * 10L, second);
        }
        assertEquals(1, growth.since(0, 3600));
        for (int second = 1; second <= 3600; second++) {
            long since = growth.since(second * 10L - 1, 3600);
            assertTrue(since <= second, since + " of " + second);
        }
        for (int second = 3601; second <= 3700; second++) {
            growth.to(18_000, second * 10L, second);
        }
        assertTrue(growth.since(18_000, 3700) <= 1801);
    }
}
