package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/** What was sent and what the far end has are counted, and compared. */
class CountsTest extends AdapterTest {

    @Test
    void countsWhatTheFarEndCounts() throws Exception {
        central.mood(r -> central.requests() % 3 == 1 ? Mood.CUT_AFTER_STORING : Mood.WELL);
        write(file, 0, 200);
        start();
        expect(0, 200);
        counts(200, 200);
        adapter.stop();
        write(file, 200, 230);
        start();
        expect(0, 230);
        counts(230, 230);
        assertEquals(0, adapter.reconciliation().disagreeing());
    }

    /** A far end that is down is not taken for one that cannot tell. */
    @Test
    void asksAgainSoonWhatTheFarEndCountsWhenItIsBack() throws IOException {
        write(file, 0, 20);
        start("adapter.reconcile-interval", "PT1S");
        expect(0, 20);
        counts(20, 20);
        String id = adapter.tailer().files().getFirst().id();
        central.close();
        Wait.until(
                () -> adapter.reconciliation().of(id).isEmpty(),
                () -> adapter.reconciliation().of(id));
        central.restart();
        counts(20, 20);
    }
}
