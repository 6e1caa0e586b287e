package dev.pillion.central.store;

import dev.pillion.central.head.Head;
import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Origin;

/** Where the records of one request go: their numbers and days. */
final class Placed implements Head.Placing {

    static final long DAY = 86_400_000_000_000L;

    /** What is in the indices already. */
    interface Stored {
        Stored NOTHING = (_, _) -> -1;

        /** The highest number of a resource's records in the index of a day, or -1. */
        long lastNumber(Origin resource, long day);
    }

    private final Batch batch;
    private final long[] numbers;
    private final long received;
    private final long maxAgeDays;
    private final Stored stored;

    /**
     * @param skipped indices of the records that are not kept, rising
     * @param first the number of the first that is
     * @param received epoch nanoseconds when the request came
     * @param maxAgeDays how long records are kept
     */
    Placed(Batch batch, int[] skipped, long first, long received, long maxAgeDays, Stored stored) {
        this.batch = batch;
        this.received = received;
        this.maxAgeDays = maxAgeDays;
        this.stored = stored;
        numbers = new long[batch.size()];
        long number = first;
        int skip = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (skip < skipped.length && skipped[skip] == i) {
                numbers[i] = -1;
                skip++;
            } else {
                numbers[i] = number++;
            }
        }
    }

    @Override
    public long number(int index) {
        return numbers[index];
    }

    @Override
    public long time(int index) {
        long time = batch.times()[index];
        return time > 0 ? time : received;
    }

    @Override
    public long day(int index) {
        // A wrong clock must not make a thousand indices, nor one that is never deleted.
        long today = received / DAY;
        return Math.clamp(time(index) / DAY, today - maxAgeDays, today + 1);
    }

    @Override
    public boolean stored(Origin resource, long day, long number) {
        return number <= stored.lastNumber(resource, day);
    }
}
