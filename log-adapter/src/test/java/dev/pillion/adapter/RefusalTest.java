package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** A far end that refuses one record, or everything. */
class RefusalTest extends AdapterTest {

    @Test
    void setsAPoisonRecordAsideAndGoesOn() throws IOException {
        write(file, 0, 20);
        start();
        expect(0, 20);
        central.mood(r -> r.toString().contains("poison") ? Mood.REFUSE : Mood.WELL);
        append(file, line(20) + line(21).replace("order 21", "poison") + line(22));
        Wait.until(() -> central.count() == 22, central::count);
        assertEquals(List.of("order 20", "order 22"), central.bodies().subList(20, 22));
        assertEquals(1, adapter.counts().refused.sum());
        assertTrue(Files.readString(state.resolve("refused.log")).contains("app.log"));
        // What the file has and what the far end has of it is not the same, and that is shown.
        counts(23, 22);
        assertEquals(1, adapter.reconciliation().disagreeing());
    }

    /** No other record vouches for the far end: an empty request does. */
    @Test
    void setsAPoisonRecordAsideThatIsTheFirstAndAlone() throws IOException {
        central.mood(r -> r.toString().contains("poison") ? Mood.REFUSE : Mood.WELL);
        append(file, line(0).replace("order 0", "poison"));
        start();
        Wait.until(() -> adapter.counts().refused.sum() == 1, central::requests);
        write(file, 1, 4);
        expect(1, 4);
        assertTrue(Files.readString(state.resolve("refused.log")).contains("position=0 "));
    }

    @Test
    void setsNothingAsideWhenTheEndpointRefusesEverythingLater() throws IOException {
        write(file, 0, 5);
        start();
        expect(0, 5);
        central.mood(Mood.REFUSE);
        long before = central.requests();
        write(file, 5, 9);
        Wait.until(() -> central.requests() > before + 10, central::requests);
        central.mood(Mood.WELL);
        expect(0, 9);
        assertEquals(0, adapter.counts().refused.sum());
    }

    @Test
    void setsNothingAsideWhileTheEndpointRefusesEverything() throws IOException {
        central.mood(Mood.REFUSE);
        write(file, 0, 5);
        start();
        Wait.until(() -> central.requests() > 10, central::requests);
        central.mood(Mood.WELL);
        expect(0, 5);
        assertEquals(0, adapter.counts().refused.sum());
    }
}
