package dev.pillion.central.store;

import dev.pillion.central.ingest.Origin;

/**
 * A group of records as a query meets it: enough to pass it by, and the records when it cannot.
 *
 * @see HeadChunk what is in memory
 * @see DayIndex what is on disk
 */
interface Chunk {

    int count();

    /** Earliest and latest time in it, epoch nanoseconds. */
    long earliest();

    long latest();

    /** The numbers of its first and last record. */
    long first();

    long last();

    Origin resource();

    /** Adds its records to the counts of each severity number: 25 of them. */
    void addSeverities(long[] counts);

    /**
     * Gives its records by minute and severity band.
     *
     * @return false if that is not known without its records
     */
    boolean minutes(ChunkHead.MinuteVisitor visitor);

    /**
     * Its records, until the next chunk of the same question is opened; that may take a
     * millisecond. A damaged chunk has none.
     */
    Contents open();

    /** The same for later: a chunk that is given one after the other must not be kept itself. */
    Chunk kept();
}
