package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.store.LogStore.FileMark;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

class KnownTest {

    private static final Origin NOBODY = new Origin(new byte[0], "");

    @TempDir Path directory;

    private static Batch batch(String file, long... positions) {
        int size = positions.length;
        return new Batch(
                new byte[0],
                List.of(new Batch.Group(NOBODY, file, NOBODY, 0, size)),
                new int[size],
                new int[size],
                new long[size],
                positions,
                new byte[size],
                List.of());
    }

    private static int[] take(Known known, Batch batch) {
        Known.Change change = new Known.Change();
        int[] repeats = known.repeats(batch, new byte[16], 1, change);
        known.apply(change);
        return repeats;
    }

    @Test
    void countsEachRecordOfAFileOnce() {
        Known known = new Known(10, 10, 1000);
        assertArrayEquals(new int[0], take(known, batch("a", 0, 10, 20)));
        assertArrayEquals(new int[] {0, 1}, take(known, batch("a", 10, 20, 30)));
        take(known, batch("b", 7));
        take(known, batch("no positions", -1, -1));
        assertEquals(
                List.of(new FileMark("b", 1, 7), new FileMark("a", 4, 30)),
                known.files(List.of("b", "unheard of", "a"), 10));
        assertEquals(2, known.files(List.of(), 10).size());
    }

    @Test
    void forgetsTheLongestUnusedFile() {
        Known known = new Known(2, 10, 1000);
        take(known, batch("a", 1));
        take(known, batch("b", 1));
        take(known, batch("a", 2));
        take(known, batch("c", 1));
        assertEquals(
                List.of(new FileMark("a", 2, 2), new FileMark("c", 1, 1)),
                known.files(List.of("a", "b", "c"), 10));
    }

    @Test
    void survivesInTheCheckpoint() throws Exception {
        Map<String, Known.Mark> marks = Map.of("a", new Known.Mark(30, 4));
        new Checkpoint(9, marks, Map.of()).write(directory);
        assertEquals(marks, Checkpoint.read(directory).marks());
    }

    @Test
    void readsACheckpointOfTheFormerVersion() throws Exception {
        var bytes = new java.io.ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0x50434B31);
        out.writeLong(77);
        out.writeInt(1);
        out.writeInt(1);
        out.writeBytes("a");
        out.writeLong(30);
        out.writeInt(0);
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        Files.write(directory.resolve("checkpoint"), bytes.toByteArray());
        Checkpoint read = Checkpoint.read(directory);
        assertEquals(77, read.next());
        assertEquals(Map.of("a", new Known.Mark(30, 0)), read.marks());
    }
}
