package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts one chunk in the place of many small ones of the same resource, which sources that write
 * little leave behind. For readers, and after a crash, there are either the small ones or the one.
 * Runs on the sealer's thread.
 */
final class Compaction {

    /** Small chunks of one resource for which it is worth it, however few records they have. */
    static final int MANY = 8;

    /** Scopes of a chunk; together they may be more than a chunk of the head has. */
    private static final int MAX_SCOPES = 256;

    private final int chunkRecords;
    private final int chunkBytes;

    /**
     * @param chunkRecords records of a full chunk; one with at most half of them is small
     * @param chunkBytes bytes of a full chunk
     */
    Compaction(int chunkRecords, int chunkBytes) {
        this.chunkRecords = chunkRecords;
        this.chunkBytes = chunkBytes;
    }

    /** Goes once through an index; says how many chunks are fewer now. */
    int run(DayIndex index) throws IOException {
        try (Space space = new Space()) {
            return run(index, space);
        }
    }

    private int run(DayIndex index, Space space) throws IOException {
        Map<Origin, List<Chunk>> small = new LinkedHashMap<>();
        DayIndex.candidates(
                index.reader(),
                new Condition.Everything(),
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                space,
                chunk -> {
                    if (chunk.count() <= chunkRecords / 2) {
                        small.computeIfAbsent(chunk.resource(), unused -> new ArrayList<>())
                                .add(chunk.kept());
                    }
                });
        int fewer = 0;
        for (List<Chunk> chunks : small.values()) {
            chunks.sort(Comparator.comparingLong(Chunk::first));
            int from = 0;
            while (from < chunks.size()) {
                int to = from;
                int records = 0;
                while (to < chunks.size() && records + chunks.get(to).count() <= chunkRecords) {
                    records += chunks.get(to).count();
                    to++;
                }
                List<Chunk> together = chunks.subList(from, to);
                if (together.size() >= MANY
                        || (together.size() > 1 && records > chunkRecords / 2)) {
                    fewer += join(index, together);
                }
                from = Math.max(to, from + 1);
            }
        }
        return fewer;
    }

    private int join(DayIndex index, List<Chunk> chunks) throws IOException {
        List<Chunk> taken = new ArrayList<>();
        List<Rows> parts = new ArrayList<>();
        int bytes = 0;
        long last = Long.MIN_VALUE;
        for (Chunk chunk : chunks) {
            Rows rows = chunk.open().rows();
            boolean damaged = rows.count() != chunk.count();
            // Chunks of one resource follow one another; one that does not stays as it is.
            if (damaged || rows.first() <= last || bytes + rows.bytes() > chunkBytes) {
                continue;
            }
            taken.add(chunk);
            parts.add(rows);
            bytes += rows.bytes();
            last = rows.last();
        }
        if (taken.size() < 2) {
            return 0;
        }
        Rows joined = joined(parts);
        if (joined.scopes().length > MAX_SCOPES) {
            return 0;
        }
        index.replace(taken, joined);
        return taken.size() - 1;
    }

    private static Rows joined(List<Rows> parts) {
        int count = parts.stream().mapToInt(Rows::count).sum();
        int bytes = parts.stream().mapToInt(Rows::bytes).sum();
        List<Origin> scopes = new ArrayList<>();
        byte[] data = new byte[bytes];
        int[] offsets = new int[count + 1];
        long[] times = new long[count];
        long[] numbers = new long[count];
        int[] scope = new int[count];
        byte[] severities = new byte[count];
        int row = 0;
        for (Rows part : parts) {
            int start = offsets[row];
            System.arraycopy(part.data(), 0, data, start, part.bytes());
            System.arraycopy(part.times(), 0, times, row, part.count());
            System.arraycopy(part.numbers(), 0, numbers, row, part.count());
            System.arraycopy(part.severities(), 0, severities, row, part.count());
            int[] places =
                    Arrays.stream(part.scopes()).mapToInt(one -> place(one, scopes)).toArray();
            for (int i = 0; i < part.count(); i++) {
                scope[row + i] = places[part.scope()[i]];
                offsets[row + i + 1] = start + part.offsets()[i + 1];
            }
            row += part.count();
        }
        return new Rows(
                parts.getFirst().resource(),
                scopes.toArray(Origin[]::new),
                data,
                offsets,
                times,
                numbers,
                scope,
                severities,
                count);
    }

    private static int place(Origin scope, List<Origin> scopes) {
        int place = scopes.indexOf(scope);
        if (place < 0) {
            scopes.add(scope);
            place = scopes.size() - 1;
        }
        return place;
    }
}
