package dev.pillion.central.store;

import dev.pillion.central.store.LogStore.StoredRecord;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The first records in an order, of all that are added in any: no more than so many, and no more
 * bytes than {@link LogStore#MAX_PAGE_BYTES} unless one alone has them. Used by one thread.
 */
final class Nearest {

    private final Comparator<StoredRecord> order;
    private final int limit;
    private final PriorityQueue<StoredRecord> worstOnTop;
    private long bytes;
    private StoredRecord beyond;

    /**
     * @param limit how many records, 0 or more
     */
    Nearest(Comparator<StoredRecord> order, int limit) {
        this.order = order;
        this.limit = limit;
        this.worstOnTop = new PriorityQueue<>(order.reversed());
    }

    void add(StoredRecord record) {
        if (beyond != null && order.compare(record, beyond) > 0) {
            return;
        }
        worstOnTop.add(record);
        bytes += record.length();
        while (worstOnTop.size() > limit
                || (bytes > LogStore.MAX_PAGE_BYTES && worstOnTop.size() > 1)) {
            beyond = worstOnTop.remove();
            bytes -= beyond.length();
        }
    }

    /** The first for which there was no room; whatever is behind it will not be taken. */
    Optional<StoredRecord> beyond() {
        return Optional.ofNullable(beyond);
    }

    /** Whether only records before {@link #bound} will be taken. */
    boolean isFull() {
        return worstOnTop.size() == limit || beyond != null;
    }

    /**
     * Behind it nothing will be taken: the last if there are as many as may be, or what is beyond.
     */
    Optional<StoredRecord> bound() {
        return limit > 0 && worstOnTop.size() == limit
                ? Optional.of(worstOnTop.element())
                : beyond();
    }

    /** What was taken, in the order. */
    List<StoredRecord> records() {
        List<StoredRecord> records = new ArrayList<>(worstOnTop);
        records.sort(order);
        return records;
    }
}
