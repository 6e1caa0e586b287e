package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.util.Map;

/**
 * A group of records as a query meets it: enough to pass it by, and the rows when it cannot.
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

    /** Records per severity number: 25 counts. */
    int[] severities();

    /** Records per minute (epoch minutes), or empty if that is not known. */
    Map<Long, int[]> minutes();

    /** The records; reading them may take a millisecond. */
    Rows rows();
}
