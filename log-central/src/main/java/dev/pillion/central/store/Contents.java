package dev.pillion.central.store;

import dev.pillion.central.head.Rows;

import java.util.BitSet;

/**
 * The records of a chunk, opened; each part is read when it is asked for. Used by the one thread
 * that opened it.
 *
 * @see ColumnsReader what is on disk
 * @see HeadChunk what is in memory
 */
interface Contents {

    int count();

    /** Epoch nanoseconds of each record. */
    long[] times();

    /** The number of each record, rising. */
    long[] numbers();

    /** The severity number of each record. */
    byte[] severities();

    /** Clears from these rows those that do not match. */
    void retain(BitSet among, Matcher matcher);

    /** The records' own bytes. */
    Rows rows();
}
