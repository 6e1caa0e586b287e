package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.frame.Framing;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile.Note;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.BitSet;
import java.util.List;

/** The journal: what it knows after a start, how large it becomes, when it cannot be written. */
class CheckpointTest {

    @TempDir Path folder;

    private final Mark there = new Mark(100, 8, 7);

    /** So many records that the journal is due to be written anew: 9 MB of boundaries. */
    private static Note large() {
        return note(3_000_000);
    }

    /** Three bytes of the journal for each record. */
    private static Note note(int records) {
        int[] starts = new int[records];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = i * 36;
        }
        return new Note(0, 100, new Framing.Places(starts), new Mark(100, 8, 7));
    }

    @Test
    void beginsAnewWithoutAJournalAndWithAnEmptyOne() throws IOException {
        try (Checkpoint first = new Checkpoint(folder)) {
            assertTrue(first.begunAnew());
            first.acknowledge("a", "1:2", there, 2, 50);
        }
        try (Checkpoint known = new Checkpoint(folder)) {
            assertEquals(false, known.begunAnew());
        }
        Files.writeString(folder.resolve("checkpoint.journal"), "");
        try (Checkpoint emptied = new Checkpoint(folder)) {
            assertTrue(emptied.begunAnew());
        }
    }

    /**
     * Each line vouches for itself; a file whose last line is broken goes on from the one before.
     */
    @Test
    void readsBackWhatIsWholeOfACorruptJournal() throws IOException {
        Mark later = new Mark(200, 8, 9);
        Path path = Path.of("/logs/two\nlines and blanks");
        try (Checkpoint checkpoint = new Checkpoint(folder)) {
            checkpoint.acknowledge("a", "1:2", there, 2, 50);
            checkpoint.acknowledge("b", "1:3", there, 3, 60);
            checkpoint.acknowledge("b", "1:3", later, 4, 170);
            checkpoint.gap(new Gap("c", path, 70, 20));
        }
        Path journal = folder.resolve("checkpoint.journal");
        String text = Files.readString(journal);
        int broken = text.indexOf(" 170\n");
        Files.writeString(journal, text.substring(0, broken) + "\0" + text.substring(broken + 1));
        try (Checkpoint again = new Checkpoint(folder)) {
            int line = text.lastIndexOf('\n', broken - 1) + 1;
            assertEquals(1, again.remarks().size());
            assertTrue(
                    again.remarks().getFirst().contains("corrupt at byte " + line + " "),
                    again.remarks()::toString);
            assertEquals(
                    List.of(
                            new Checkpoint.State(
                                    "a", "1:2", there, null, List.of(), new Totals(2, 50)),
                            new Checkpoint.State(
                                    "b", "1:3", there, null, List.of(), new Totals(3, 60))),
                    again.states());
            assertEquals(
                    List.of(new Gap("c", Path.of("/logs/two?lines and blanks"), 70, 20)),
                    again.gaps());
        }
        try (Checkpoint mended = new Checkpoint(folder)) {
            assertEquals(List.of(), mended.remarks());
            assertEquals(2, mended.states().size());
        }
    }

    @Test
    void knowsWhatWasAcknowledgedWhileItCouldNotBeWritten() throws IOException {
        Path blocked = folder.resolve("checkpoint.journal.new");
        Note next = new Note(100, 200, new Framing.Places(new int[] {0, 50}), new Mark(200, 8, 9));
        try (Checkpoint checkpoint = new Checkpoint(folder)) {
            checkpoint.note("a", "1:2", Mark.START, large());
            Files.createDirectories(blocked.resolve("in the way"));
            checkpoint.acknowledge("a", "1:2", there, 2, 50);
            IOException failure =
                    assertThrows(IOException.class, () -> checkpoint.note("a", "1:2", there, next));
            assertTrue(
                    failure.getMessage().startsWith("the state folder cannot be written"),
                    failure::getMessage);
            assertThrows(IOException.class, () -> checkpoint.note("b", "1:3", Mark.START, next));
            assertEquals(false, checkpoint.knows("b"));
            assertEquals(there, checkpoint.states().getFirst().acked());
            Files.delete(blocked.resolve("in the way"));
            Files.delete(blocked);
            checkpoint.note("a", "1:2", there, next);
        }
        try (Checkpoint again = new Checkpoint(folder)) {
            assertEquals(List.of(), again.remarks());
            Checkpoint.State state = again.states().getFirst();
            assertEquals(there, state.acked());
            assertEquals(new Totals(2, 50), state.totals());
            assertEquals(100, state.note().from());
        }
    }

    @Test
    void knowsHowWhatWaitsWasFramed() throws IOException {
        BitSet some = new BitSet();
        some.set(1, 4);
        some.set(70);
        List<Framing> framings =
                List.of(
                        new Framing.Lines(new BitSet()),
                        new Framing.Lines(some),
                        new Framing.Places(new int[] {0, 35, 36, 1295, 1296, 100_000_000}));
        try (Checkpoint checkpoint = new Checkpoint(folder)) {
            for (Framing framing : framings) {
                Note note = new Note(100, 200, framing, new Mark(200, 8, 9));
                checkpoint.note("a" + framings.indexOf(framing), "1:2", there, note);
            }
        }
        try (Checkpoint again = new Checkpoint(folder)) {
            assertEquals(List.of(), again.remarks());
            List<Framing> read =
                    again.states().stream().map(state -> state.note().framing()).toList();
            assertEquals(framings.subList(0, 2), read.subList(0, 2));
            assertArrayEquals(
                    ((Framing.Places) framings.get(2)).starts(),
                    ((Framing.Places) read.get(2)).starts());
        }
    }

    /** In an outage files come, are noted, lost and deleted; nothing is ever acknowledged. */
    @Test
    void staysSmallWithoutAnAcknowledgement() throws IOException {
        Path journal = folder.resolve("checkpoint.journal");
        try (Checkpoint checkpoint = new Checkpoint(folder)) {
            for (int i = 0; i < 200; i++) {
                checkpoint.note("a" + i, "1:2", Mark.START, note(100_000));
                assertTrue(Files.size(journal) < 9 << 20, () -> journal.toFile().length() + " B");
                checkpoint.forget("a" + i);
            }
            checkpoint.note("last", "1:2", there, note(50_000));
        }
        for (int start = 0; start < 5; start++) {
            try (Checkpoint again = new Checkpoint(folder)) {
                assertEquals(List.of("last"), again.states().stream().map(s -> s.id()).toList());
                assertTrue(Files.size(journal) < 200_000, () -> journal.toFile().length() + " B");
            }
        }
    }

    /** However much counts, it is not written again with each line that is added. */
    @Test
    void isNotWrittenAnewForEveryNoteOnceWhatCountsIsLarge() throws IOException {
        Path journal = folder.resolve("checkpoint.journal");
        try (Checkpoint checkpoint = new Checkpoint(folder)) {
            checkpoint.note("large", "1:2", Mark.START, large());
            int rewritten = 0;
            Object before = Files.readAttributes(journal, BasicFileAttributes.class).fileKey();
            for (int i = 0; i < 50; i++) {
                checkpoint.note("a" + i, "1:" + i, Mark.START, note(10));
                checkpoint.acknowledge("b" + i, "2:" + i, there, 2, 50);
                Object now = Files.readAttributes(journal, BasicFileAttributes.class).fileKey();
                rewritten += now.equals(before) ? 0 : 1;
                before = now;
            }
            assertEquals(1, rewritten);
        }
    }
}
