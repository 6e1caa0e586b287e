package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;

import java.util.Optional;

/**
 * Where batches go. One instance a worker, used by its thread alone: {@link #begin}, {@link #add}
 * or {@link #lines} for each record, {@link #send}.
 */
public interface Destination extends AutoCloseable {

    /**
     * Begins a batch; what was added before is void.
     *
     * @param observedNanos when it was read
     * @param utf8 what is added of this array is UTF-8; what is added of others may not be
     */
    void begin(byte[] resource, long observedNanos, byte[] utf8);

    /**
     * Adds a record.
     *
     * @param raw the record's bytes, secrets masked, from {@code from} to {@code to}
     * @param position offset of the record in its file
     */
    void add(ParsedRecord record, byte[] raw, int from, int to, long position);

    /**
     * Adds records that are a line each, with nothing to be told of it but itself.
     *
     * @param framed whose records {@code [first, end)} they are, at least one
     * @param base offset in the file of what stands first in {@code raw}
     */
    void lines(byte[] raw, Framer framed, int first, int end, long base);

    /** What the far end has of a file, if it can tell. */
    default Optional<Totals> known(String id) {
        return Optional.empty();
    }

    /** Delivers the batch; returns when it is durable at the far end, or is not. */
    Delivery send() throws InterruptedException;

    @Override
    void close();
}
