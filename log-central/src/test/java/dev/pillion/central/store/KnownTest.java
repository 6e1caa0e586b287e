package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.FileKey;
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
import java.util.Set;
import java.util.zip.CRC32C;

class KnownTest {

    private static final Origin NOBODY = new Origin(new byte[0], "");

    @TempDir Path directory;

    private static Batch batch(String id, long... positions) {
        return batchOf(FileKey.of("", id), positions);
    }

    private static Batch batchOf(String file, long... positions) {
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
        return take(known, batch, 0, 1);
    }

    private static int[] take(Known known, Batch batch, int hash, long now) {
        Known.Change change = new Known.Change();
        byte[] hashBytes = new byte[16];
        hashBytes[0] = (byte) hash;
        int[] repeats = known.repeats(batch, hashBytes, now, change);
        known.apply(change);
        return repeats;
    }

    @Test
    void knowsARequestForSoLongAndSoMany() {
        Known known = new Known(10, 3, 1000);
        Batch request = batch("", -1, -1);
        assertArrayEquals(new int[0], take(known, request, 1, 5));
        assertArrayEquals(new int[] {0, 1}, take(known, request, 1, 1004));
        assertArrayEquals(new int[0], take(known, request, 1, 1005));
        assertArrayEquals(new int[] {0, 1}, take(known, request, 1, 1006));
        for (int other = 2; other <= 4; other++) {
            assertArrayEquals(new int[0], take(known, request, other, 1007));
        }
        assertArrayEquals(new int[] {0, 1}, take(known, request, 2, 1008));
        assertArrayEquals(new int[0], take(known, request, 1, 1008));
    }

    @Test
    void countsEachRecordOfAFileOnce() {
        Known known = new Known(10, 10, 1000);
        assertArrayEquals(new int[0], take(known, batch("a", 0, 10, 20)));
        assertArrayEquals(new int[] {0, 1}, take(known, batch("a", 10, 20, 30)));
        take(known, batch("b", 7));
        take(known, batch("no positions", -1, -1));
        assertEquals(
                Set.of(new FileMark("b", 1, 7), new FileMark("a", 4, 30)),
                Set.copyOf(known.files(List.of("b", "unheard of", "a"), Set.of(), 10)));
        assertEquals(2, known.files(List.of(), Set.of(), 10).size());
        assertEquals(1, known.files(List.of(), Set.of(), 1).size());
    }

    @Test
    void letsNoNamespaceMoveTheFilesOfAnother() {
        Known known = new Known(10, 10, 1000);
        take(known, batchOf(FileKey.of("shop", "same"), 1000));
        assertArrayEquals(new int[0], take(known, batchOf(FileKey.of("bank", "same"), 5)));
        assertArrayEquals(new int[0], take(known, batchOf(FileKey.of("", "same"), 6)));
        assertArrayEquals(new int[] {0}, take(known, batchOf(FileKey.of("shop", "same"), 7)));
        FileMark shop = new FileMark("same", 1, 1000);
        FileMark bank = new FileMark("same", 1, 5);
        assertEquals(
                Set.of(shop, bank, new FileMark("same", 1, 6)),
                Set.copyOf(known.files(List.of("same"), Set.of(), 10)));
        assertEquals(List.of(shop), known.files(List.of("same"), Set.of("shop"), 10));
        assertEquals(List.of(bank), known.files(List.of(), Set.of("bank"), 10));
    }

    @Test
    void goesOnFromWhatAFormerVersionKeptWithoutNamespaces() {
        Known known = new Known(10, 10, 1000);
        known.restore(Map.of("a", new Known.Mark(30, 4)), Map.of());
        assertArrayEquals(
                new int[] {0, 1}, take(known, batchOf(FileKey.of("shop", "a"), 20, 30, 40)));
        assertEquals(
                List.of(new FileMark("a", 5, 40)), known.files(List.of("a"), Set.of("shop"), 10));
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
                known.files(List.of("a", "b", "c"), Set.of(), 10));
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
