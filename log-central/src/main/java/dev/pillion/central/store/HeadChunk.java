package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.util.BitSet;

/** Rows in memory. */
record HeadChunk(Rows rows, long earliest, long latest) implements Chunk, Contents {

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
    public void addSeverities(long[] counts) {
        for (int i = 0; i < rows.count(); i++) {
            counts[rows.severities()[i]]++;
        }
    }

    @Override
    public boolean minutes(ChunkHead.MinuteVisitor visitor) {
        return false;
    }

    @Override
    public Contents open() {
        return this;
    }

    @Override
    public Chunk kept() {
        return this;
    }

    @Override
    public long[] times() {
        return rows.times();
    }

    @Override
    public long[] numbers() {
        return rows.numbers();
    }

    @Override
    public byte[] severities() {
        return rows.severities();
    }

    @Override
    public void retain(BitSet among, Matcher matcher) {
        for (int row = among.nextSetBit(0); row >= 0; row = among.nextSetBit(row + 1)) {
            if (!matcher.test(rows, row)) {
                among.clear(row);
            }
        }
    }
}
