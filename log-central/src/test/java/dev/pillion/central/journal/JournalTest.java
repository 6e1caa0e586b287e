package dev.pillion.central.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.ingest.Body;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class JournalTest {

    @TempDir Path directory;

    private static Entry entry(long first) {
        return new Entry(
                first,
                7,
                new byte[16],
                Body.Encoding.GZIP,
                Body.Format.JSON,
                new int[] {1, 2},
                new int[] {3},
                new byte[100]);
    }

    private List<Long> read() throws Exception {
        List<Long> numbers = new ArrayList<>();
        try (Journal journal = new Journal(directory, 1000, 1 << 20)) {
            journal.replay(entry -> numbers.add(entry.first()));
        }
        return numbers;
    }

    private void write(long from, long to) throws Exception {
        try (Journal journal = new Journal(directory, 1000, 1 << 20)) {
            for (long i = from; i < to; i++) {
                journal.append(entry(i));
            }
            journal.sync();
        }
    }

    private List<Path> segments() throws Exception {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @Test
    void givesBackWhatWasWritten() throws Exception {
        write(1, 4);
        try (Journal journal = new Journal(directory, 1000, 1 << 20)) {
            List<Entry> entries = new ArrayList<>();
            journal.replay(entries::add);
            assertEquals(List.of(entry(1), entry(2), entry(3)), entries);
            assertEquals(2, entries.get(0).skipped()[1]);
            assertEquals(3, entries.get(0).refused()[0]);
            assertEquals(Body.Format.JSON, entries.get(0).format());
        }
    }

    @Test
    void cutsATornEndOffWhereverItTore() throws Exception {
        write(1, 4);
        Path segment = segments().getFirst();
        byte[] whole = Files.readAllBytes(segment);
        int one = whole.length / 3;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(segment, java.util.Arrays.copyOf(whole, length));
            assertEquals(length / one, read().size(), "torn at " + length);
        }
    }

    @Test
    void leavesOutADamagedEntryAndWhatFollowsInItsSegment() throws Exception {
        write(1, 20);
        List<Path> segments = segments();
        assertTrue(segments.size() >= 2, segments.toString());
        try (RandomAccessFile file = new RandomAccessFile(segments.getFirst().toFile(), "rw")) {
            file.seek(60);
            file.write(0x55);
        }
        List<Long> numbers = read();
        assertTrue(!numbers.contains(1L) && numbers.contains(19L), numbers.toString());
    }

    @Test
    void deletesOnlyWhatIsNotNeeded() throws Exception {
        try (Journal journal = new Journal(directory, 1000, 1 << 20)) {
            for (long i = 1; i < 40; i++) {
                journal.append(entry(i));
            }
            journal.sync();
            journal.truncate(20);
        }
        List<Long> numbers = read();
        assertTrue(numbers.contains(20L) && numbers.contains(39L), numbers.toString());
        assertTrue(!numbers.contains(1L), numbers.toString());
    }

    @Test
    void goesOnInANewSegmentAfterAFailure() throws Exception {
        try (Journal journal = new Journal(directory, 100_000, 1 << 20)) {
            journal.append(entry(1));
            journal.sync();
            journal.append(entry(2));
            journal.rollBack();
            journal.append(entry(2));
            journal.sync();
        }
        assertEquals(List.of(1L, 2L), read());
    }
}
