package dev.pillion.adapter.show;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class RangeTest {

    @Test
    void understandsSingleRangesAndRefusesTheRest() {
        assertArrayEquals(new long[] {0, 10}, ExportService.range("bytes=0-9", 100));
        assertArrayEquals(new long[] {90, 100}, ExportService.range("bytes=90-", 100));
        assertArrayEquals(new long[] {95, 100}, ExportService.range("bytes=-5", 100));
        assertArrayEquals(new long[] {0, 100}, ExportService.range("bytes=-500", 100));
        assertArrayEquals(new long[] {}, ExportService.range("bytes=100-", 100));
        assertArrayEquals(new long[] {}, ExportService.range("bytes=5-4", 100));
        assertArrayEquals(new long[] {}, ExportService.range("bytes=0-1,5-6", 100));
        assertArrayEquals(new long[] {}, ExportService.range("bytes=-", 100));
        assertArrayEquals(new long[] {}, ExportService.range("lines=1-2", 100));
    }
}
