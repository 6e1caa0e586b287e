package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.ingest.Origin;
import dev.pillion.central.store.LogStore.StoredRecord;

import org.junit.jupiter.api.Test;

import java.util.Comparator;
import java.util.List;

class NearestTest {

    private static final Origin NOBODY = new Origin(new byte[0], "");
    private static final int THIRD = LogStore.MAX_PAGE_BYTES / 3;

    private static Nearest of(int limit, int length, long... numbers) {
        Nearest nearest = new Nearest(Comparator.comparingLong(StoredRecord::number), limit);
        for (long number : numbers) {
            nearest.add(new StoredRecord(number, 0, NOBODY, NOBODY, new byte[length], 0, length));
        }
        return nearest;
    }

    private static List<Long> numbers(Nearest nearest) {
        return nearest.records().stream().map(StoredRecord::number).toList();
    }

    @Test
    void takesTheFirstOfAllThatCome() {
        Nearest nearest = of(2, 1, 5, 9, 1, 7, 3);
        assertEquals(List.of(1L, 3L), numbers(nearest));
        assertEquals(5, nearest.beyond().orElseThrow().number());
        assertEquals(3, nearest.bound().orElseThrow().number());
    }

    @Test
    void tellsWhetherThereWasRoomForMore() {
        assertFalse(of(2, 1, 5).isFull());
        assertTrue(of(2, 1, 5, 6).isFull());
        assertTrue(of(2, 1, 5, 6).beyond().isEmpty());
        assertTrue(of(0, 1).isFull());
        assertEquals(5, of(0, 1, 5).bound().orElseThrow().number());
    }

    @Test
    void leavesOutWhatStandsBehindOneThatHadNoRoom() {
        Nearest nearest = of(100, THIRD, 1, 2, 3, 4);
        assertEquals(List.of(1L, 2L, 3L), numbers(nearest));
        assertEquals(4, nearest.bound().orElseThrow().number());
        nearest.add(new StoredRecord(5, 0, NOBODY, NOBODY, new byte[1], 0, 1));
        assertEquals(List.of(1L, 2L, 3L), numbers(nearest));
    }

    @Test
    void takesOneThatIsTooLongAlone() {
        assertEquals(List.of(2L), numbers(of(100, LogStore.MAX_PAGE_BYTES + 1, 3, 2, 4)));
    }
}
