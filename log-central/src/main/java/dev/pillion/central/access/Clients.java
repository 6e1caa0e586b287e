package dev.pillion.central.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much each client did lately: a bucket that fills at a rate and may be overdrawn once, so that
 * nobody must know beforehand how much a request is. Thread-safe. Remembers a bounded number of
 * clients; the longest unseen are forgotten.
 */
public final class Clients {

    private static final int MOST = 10_000;
    private static final double NANOS = 1e9;

    /** How many seconds' worth may come at once. */
    private static final int BURST_SECONDS = 2;

    private final double perSecond;
    private final LongSupplier clock;
    private final Map<String, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > MOST;
                }
            };

    private static final class Bucket {
        private double left;
        private long seen;
    }

    /**
     * @param perSecond what a client may do in a second
     * @param clock nanoseconds that only rise
     */
    public Clients(long perSecond, LongSupplier clock) {
        this.perSecond = perSecond;
        this.clock = clock;
    }

    /** Seconds after which this client may come again; 0 if it may now. */
    public synchronized long waitSeconds(String client) {
        double left = bucket(client).left;
        return left > 0 ? 0 : (long) Math.ceil(Math.max(-left / perSecond, 1e-9));
    }

    /** Notes what a client did. */
    public synchronized void did(String client, long amount) {
        bucket(client).left -= amount;
    }

    private Bucket bucket(String client) {
        long now = clock.getAsLong();
        double most = perSecond * BURST_SECONDS;
        Bucket bucket = buckets.get(client);
        if (bucket == null) {
            bucket = new Bucket();
            bucket.left = most;
            buckets.put(client, bucket);
        } else {
            bucket.left = Math.min(most, bucket.left + (now - bucket.seen) / NANOS * perSecond);
        }
        bucket.seen = now;
        return bucket;
    }
}
