package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What waits for the far end takes little room, however many files it is. */
class WaitingTest extends AdapterTest {

    private static final int FILES = 20;
    private static final int RECORDS = 2_000;

    private static String record(int file, int number) {
        String line = "file " + file + " line " + number;
        return number % 50 == 49 ? line + "\n\tat shop.Cart.add(Cart.java:7)" : line;
    }

    @Test
    void notesOfABatchWhichOfItsLinesGoOnARecordAndNoMore() throws IOException {
        central.mood(Mood.UNAVAILABLE);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            StringBuilder text = new StringBuilder();
            for (int number = 0; number < RECORDS; number++) {
                text.append(record(i, number)).append('\n');
                written.add(record(i, number));
            }
            append(logs.resolve("app-" + i + ".log"), text.toString());
        }
        start();
        Wait.until(() -> central.requests() >= 2 * FILES, central::requests);
        Path journal = state.resolve("checkpoint.journal");
        long each = Files.size(journal) / FILES;
        // A bit a line, as hexadecimal digits, and the place.
        assertTrue(each < 200 + 2 * (RECORDS + RECORDS / 50) / 8, () -> each + " bytes a file");
        Path killed = folder.resolve("state-after-kill");
        copy(state, killed);
        adapter.close();
        central.mood(Mood.WELL);
        state = killed;
        start();
        arrived(written.size());
        assertEquals(sorted(written), sorted(central.bodies()));
        assertEquals(0, central.outOfOrder());
    }
}
