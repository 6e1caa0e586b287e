package dev.pillion.adapter.show;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.List;

class RangeTest {

    private static void satisfies(String header, long... expected) {
        assertArrayEquals(expected, ExportService.range(header, 100).orElseThrow(), header);
    }

    @Test
    void understandsSingleRanges() {
        satisfies("bytes=0-9", 0, 10);
        satisfies("bytes=90-", 90, 100);
        satisfies("bytes=-5", 95, 100);
        satisfies("bytes=-500", 0, 100);
        satisfies("bytes=100-");
        satisfies("bytes=5-4");
        satisfies("bytes=-0");
    }

    @Test
    void ignoresOtherHeaders() {
        for (String other : List.of("bytes=0-1,5-6", "bytes=-", "lines=1-2", "")) {
            assertTrue(ExportService.range(other, 100).isEmpty(), other);
        }
    }
}
