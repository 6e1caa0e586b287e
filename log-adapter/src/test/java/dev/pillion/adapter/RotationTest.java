package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;

/** Files that are renamed, deleted, made anew or copied and truncated before they are read. */
class RotationTest extends AdapterTest {

    @Test
    void readsARenamedFileToItsEndAndTheNewOne() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        central.mood(Mood.UNAVAILABLE);
        write(file, 100, 200);
        Files.move(file, logs.resolve("app.log.1"));
        write(file, 200, 300);
        central.mood(Mood.WELL);
        expectOfAll(300);
        assertEquals(0, central.repeats());
    }

    @Test
    void readsADeletedFileToItsEnd() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        deleteWhatWasNotSent();
        central.mood(Mood.WELL);
        expectOfAll(220);
    }

    /** Seen while it is empty: what is written to it is told of by the name they share. */
    @Test
    void readsANewFileOfTheNameOfADeletedOneAtOnce() throws IOException {
        write(file, 0, 100);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 100);
        deleteUnsent();
        Files.createFile(file);
        Wait.until(() -> adapter.tailer().files().size() == 2, () -> "the new file is not seen");
        write(file, 200, 220);
        central.mood(Mood.WELL);
        expectOfAll(220);
    }

    /** As soon as its pause is over: not when the folders happen to be listed again. */
    @Test
    void triesADeletedFileAgainAsSoonAsAnyOther() throws IOException {
        write(file, 0, 100);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 100);
        deleteWhatWasNotSent();
        Wait.until(() -> adapter.tailer().files().size() == 2, () -> "the new file is not seen");
        central.mood(Mood.WELL);
        expectOfAll(220);
        assertEquals(0, central.repeats());
    }

    private void deleteWhatWasNotSent() throws IOException {
        deleteUnsent();
        write(file, 200, 220);
    }

    private void deleteUnsent() throws IOException {
        central.mood(Mood.UNAVAILABLE);
        write(file, 100, 200);
        Wait.until(() -> central.requests() > 2, central::requests);
        Files.delete(file);
    }

    @Test
    void goesOnInTheCopyOfATruncatedFile() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        for (int round = 0; round < 3; round++) {
            int base = 100 + round * 100;
            central.mood(Mood.UNAVAILABLE);
            write(file, base, base + 50);
            Wait.until(
                    () ->
                            adapter.tailer().files().stream()
                                    .anyMatch(f -> f.path().equals(file) && f.lagBytes() > 0),
                    () -> "no lag");
            Files.copy(file, logs.resolve("app.log." + (round + 1)));
            Files.writeString(file, "");
            central.mood(Mood.WELL);
            int expected = base + 50;
            Wait.until(() -> central.count() >= expected, () -> central.count() + " " + expected);
            write(file, base + 50, base + 100);
            int then = base + 100;
            Wait.until(() -> central.count() >= then, () -> central.count() + " " + then);
        }
        expectOfAll(400);
        assertEquals(0, central.repeats());
    }
}
