package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Every line once, in order, whatever happens to adapter and far end. */
class DeliveryTest extends AdapterTest {

    @Test
    void shipsWhatIsThereAndWhatComes() throws IOException {
        write(file, 0, 50);
        start();
        expect(0, 50);
        write(file, 50, 60);
        expect(0, 60);
        var first = central.received().getFirst();
        assertEquals("shop.Orders", first.scope());
        assertEquals(9, first.record().getSeverityNumberValue());
        assertEquals(0, first.position());
        assertEquals(0, central.repeats());
    }

    @Test
    void hearsOfALineFromTheFileSystemLongBeforeItLooksAtTheFolders() throws IOException {
        write(file, 0, 5);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 5);
        write(file, 5, 10);
        expect(0, 10);
        append(logs.resolve("other.log"), line(10));
        expect(0, 11);
    }

    @Test
    void holdsALineWithoutItsEndUntilItIsWhole() throws IOException {
        write(file, 0, 3);
        append(file, line(3).substring(0, 30));
        start("adapter.partial-line-time", "PT60S");
        expect(0, 3);
        append(file, line(3).substring(30));
        expect(0, 4);
    }

    @Test
    void takesALineWithoutItsEndAfterAQuietTime() throws IOException {
        append(file, line(0) + line(1).strip());
        start();
        expect(0, 2);
    }

    @Test
    void countsManyFiles() throws IOException {
        for (int i = 0; i < 100; i++) {
            append(logs.resolve("batch-" + i + ".log"), line(i));
        }
        start();
        expectOfAll(100);
    }

    @Test
    void waitsWhileTheFarEndIsDownAndLosesNothing() throws IOException {
        central.mood(Mood.UNAVAILABLE);
        start();
        write(file, 0, 500);
        Wait.until(() -> central.requests() > 3, () -> central.requests());
        assertTrue(adapter.tailer().alive());
        write(file, 500, 1000);
        central.mood(Mood.WELL);
        expect(0, 1000);
        assertEquals(0, central.repeats());
    }

    @Test
    void sendsTheSameAgainAfterAnAmbiguousAnswer() throws IOException {
        central.mood(r -> central.requests() < 3 ? Mood.CUT_AFTER_STORING : Mood.WELL);
        write(file, 0, 300);
        start();
        expect(0, 300);
        write(file, 300, 310);
        expect(0, 310);
        assertTrue(central.repeats() >= 300, () -> "repeats " + central.repeats());
    }

    @Test
    void framesAlikeAfterACrashBetweenStoringAndAcknowledging() throws IOException {
        central.mood(r -> r.toString().contains("begun") ? Mood.CUT_AFTER_STORING : Mood.WELL);
        append(file, line(0) + line(1) + "java.lang.Error: begun\n");
        start();
        Wait.until(() -> central.count() == 2, central::count);
        // Abandoned as a kill would: nothing is closed, nothing written.
        Path crashed = folder.resolve("state-after-kill");
        copy(state, crashed);
        adapter.close();
        append(file, "\tat shop.A.b(A.java:1)\n" + line(2));
        central.mood(Mood.WELL);
        state = crashed;
        start();
        // The trace's rest is a record of its own rather than lost in the one already stored.
        expect(
                List.of(
                        "order 0",
                        "order 1\njava.lang.Error: begun",
                        "\tat shop.A.b(A.java:1)",
                        "order 2"));
        assertTrue(central.repeats() >= 1);
    }

    @Test
    void remembersItsPlaceOverARestart() throws Exception {
        write(file, 0, 100);
        start();
        expect(0, 100);
        adapter.stop();
        write(file, 100, 150);
        start();
        expect(0, 150);
        assertEquals(0, central.repeats());
        assertEquals(
                1,
                central.received().stream().map(FakeCentral.Received::fileId).distinct().count());
    }

    @Test
    void drainsWhatWasWrittenLastWhenItIsStopped() throws Exception {
        start("adapter.quiet-time", "PT60S", "adapter.partial-line-time", "PT60S");
        append(file, line(0) + line(1).strip());
        adapter.stop();
        expect(0, 2);
    }

    /** What an operator reads last: how much the next start has to send. */
    @Test
    void saysWhatIsLeftWhenItEnds() throws Exception {
        try (Said said = new Said("dev.pillion.adapter.tail.Tailer")) {
            write(file, 0, 20);
            central.mood(Mood.UNAVAILABLE);
            start("adapter.grace", "PT0.5S");
            Wait.until(() -> central.requests() > 2, central::requests);
            adapter.stop();
            assertEquals(1, said.lines().size(), said::toString);
            assertEquals(
                    1,
                    said.of(
                            "WARNING stopped with %,d bytes of 1 files"
                                    .formatted(Files.size(file))),
                    said::toString);
        }
    }
}
