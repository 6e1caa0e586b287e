package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.luben.zstd.Zstd;

import dev.pillion.central.RandomLogs;
import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

class ColumnsTest {

    private static Rows rows(byte[][] records, long[] times) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int count = records.length;
        int[] offsets = new int[count + 1];
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            data.writeBytes(records[i]);
            offsets[i + 1] = data.size();
            numbers[i] = 1000 + 3L * i;
        }
        return new Rows(
                new Origin(new byte[0], ""),
                new Origin[] {new Origin(new byte[0], "")},
                data.toByteArray(),
                offsets,
                times,
                numbers,
                new int[count],
                new byte[count],
                count);
    }

    private static void assertSame(Rows rows) {
        assertSame(rows, new ColumnsWriter(rows).encode());
    }

    private static void assertSame(Rows rows, byte[] chunk) {
        Rows read;
        try (Space space = new Space()) {
            read =
                    new ColumnsReader(chunk, 0, chunk.length, space, rows.resource(), rows.scopes())
                            .rows();
        }
        assertEquals(rows.count(), read.count());
        assertArrayEquals(rows.offsets(), read.offsets());
        assertArrayEquals(
                Arrays.copyOf(rows.data(), rows.offsets()[rows.count()]),
                Arrays.copyOf(read.data(), read.offsets()[read.count()]));
        assertArrayEquals(rows.times(), read.times());
        assertArrayEquals(rows.numbers(), read.numbers());
    }

    @Test
    void givesBackTheBytesOfAnyRecords() {
        RandomLogs logs = new RandomLogs(11);
        for (int chunk = 0; chunk < 100; chunk++) {
            byte[][] records = new byte[1 + chunk * 3][];
            long[] times = new long[records.length];
            for (int i = 0; i < records.length; i++) {
                records[i] = logs.record().toByteArray();
                times[i] = 1_790_000_000_000_000_000L + i * 977L;
            }
            assertSame(rows(records, times));
        }
    }

    @Test
    void readsAChunkOfTheFormerVersion() {
        RandomLogs logs = new RandomLogs(13);
        byte[][] records = new byte[300][];
        long[] times = new long[records.length];
        for (int i = 0; i < records.length; i++) {
            records[i] = logs.record().toByteArray();
            times[i] = 1_790_000_000_000_000_000L + i * 977L;
        }
        Rows rows = rows(records, times);
        assertSame(rows, formerly(new ColumnsWriter(rows).encode()));
    }

    /** The same with the list behind the rows. */
    private static byte[] formerly(byte[] chunk) {
        Bytes.Reader in = new Bytes.Reader(chunk, 0, chunk.length - Long.BYTES);
        assertEquals(3, in.varint());
        Bytes out = new Bytes();
        out.varint(2);
        out.varint(in.varint());
        out.varint(in.varint());
        byte[] list = Zstd.decompress(in.bytes((int) sizes(in)[1]), 1 << 20);
        byte[] rows = Zstd.decompress(in.bytes((int) sizes(in)[1]), 1 << 20);
        byte[] both = Arrays.copyOf(rows, rows.length + list.length);
        System.arraycopy(list, 0, both, rows.length, list.length);
        byte[] packed = Zstd.compress(both);
        out.varint(both.length);
        out.varint(packed.length);
        out.put(packed, 0, packed.length);
        int rest = chunk.length - Long.BYTES - in.position();
        out.put(chunk, in.position(), rest);
        out.fixed64(ColumnsWriter.crc(out.array(), 0, out.size()));
        return out.toBytes();
    }

    /** Of the frame that follows: unpacked, packed. */
    private static long[] sizes(Bytes.Reader in) {
        return new long[] {in.varint(), in.varint()};
    }

    @Test
    void givesBackBytesThatAreNotInTheShortestForm() {
        // severity_number as a two-byte 9, a body whose length takes two bytes, an unknown group.
        byte[][] odd = {
            {0x10, (byte) 0x89, 0x00},
            {0x2A, (byte) 0x83, 0x00, 0x0A, 0x01, 'x'},
            {(byte) 0xF3, 0x01, 0x08, 0x01, (byte) 0xF4, 0x01},
            {0x32, 0x02, 0x0A, 0x00},
            {0x32, 0x00},
            {},
            {(byte) 0xFA, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 0x01, 0x7F}
        };
        assertSame(rows(odd, new long[odd.length]));
    }

    @Test
    void boundsItsColumns() {
        Random random = new Random(12);
        byte[][] records = new byte[2000][];
        for (int i = 0; i < records.length; i++) {
            byte[] key =
                    ("k" + random.nextInt(1_000_000))
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            Bytes record = new Bytes();
            record.put((byte) 0x32);
            record.varint(2 + key.length + 4);
            record.put((byte) 0x0A);
            record.varint(key.length);
            record.put(key, 0, key.length);
            record.put(new byte[] {0x12, 0x02, 0x18, 0x05}, 0, 4);
            records[i] = record.toBytes();
        }
        assertSame(rows(records, new long[records.length]));
    }
}
