package dev.pillion.adapter.ship;

import dev.pillion.adapter.parse.ParsedRecord;

import java.util.Optional;

/**
 * Where batches go. One instance a worker, used by its thread alone: {@link #begin}, {@link #add}
 * for each record, {@link #send}.
 */
public interface Destination extends AutoCloseable {

    /**
     * Begins a batch; what was added before is void.
     *
     * @param text whose {@code [from, to)} holds the records
     */
    void begin(byte[] resource, byte[] text, int from, int to);

    /**
     * Adds a record.
     *
     * @param raw the record's bytes, secrets masked, from {@code from} to {@code to}
     * @param position offset of the record in its file
     * @param observedNanos when it was read
     */
    void add(ParsedRecord record, byte[] raw, int from, int to, long position, long observedNanos);

    /** What the far end has of a file, if it can tell. */
    default Optional<Totals> known(String id) {
        return Optional.empty();
    }

    /** Delivers the batch; returns when it is durable at the far end, or is not. */
    Delivery send() throws InterruptedException;

    @Override
    void close();
}
