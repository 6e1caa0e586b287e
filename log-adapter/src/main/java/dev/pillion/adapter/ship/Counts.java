package dev.pillion.adapter.ship;

import java.util.concurrent.atomic.LongAdder;

/** What the adapter has done since its start. Thread-safe. */
public final class Counts {
    /** Records acknowledged by the far end. */
    public final LongAdder records = new LongAdder();

    /** Lines of these records. */
    public final LongAdder lines = new LongAdder();

    /** Bytes of files acknowledged. */
    public final LongAdder bytes = new LongAdder();

    /** Requests sent. */
    public final LongAdder requests = new LongAdder();

    /** Requests that must be sent again. */
    public final LongAdder retries = new LongAdder();

    /** Records the far end accepted the request of, but not the record (partial success). */
    public final LongAdder rejected = new LongAdder();

    /** Records set aside because the far end cannot take them. */
    public final LongAdder refused = new LongAdder();

    /** Records the dialect did not explain. */
    public final LongAdder misses = new LongAdder();

    /** Times content vanished before it was read. */
    public final LongAdder gaps = new LongAdder();

    /** How many bytes vanished, as far as is known. */
    public final LongAdder gapBytes = new LongAdder();
}
