package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.util.Map;

/** Rows in memory. */
record HeadChunk(Rows rows, long earliest, long latest) implements Chunk {

    HeadChunk(Rows rows) {
        this(rows, rows.earliest(), rows.latest());
    }

    @Override
    public int count() {
        return rows.count();
    }

    @Override
    public long first() {
        return rows.first();
    }

    @Override
    public long last() {
        return rows.last();
    }

    @Override
    public Origin resource() {
        return rows.resource();
    }

    @Override
    public int[] severities() {
        int[] counts = new int[25];
        for (int i = 0; i < rows.count(); i++) {
            counts[rows.severities()[i]]++;
        }
        return counts;
    }

    @Override
    public Map<Long, int[]> minutes() {
        return Map.of();
    }
}
