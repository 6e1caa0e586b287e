package dev.pillion.central.head;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Origin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest records, in memory, one growing chunk for each resource and day: searchable as soon as
 * they are in the journal. Written by the journal's thread, emptied by the sealer, read by anyone;
 * one lock guards it all and is held only to copy references or one batch.
 *
 * <p>Bounded: {@link #bytes} counts the memory it takes, and when it is full the store takes
 * nothing more: senders wait ({@link #awaitAtMost}), or come again.
 */
public final class Head {

    /** Scopes in a chunk; a list that is searched by walking it. */
    private static final int MAX_SCOPES = 256;

    /** What a chunk takes beside its arrays and its resource, in bytes. */
    private static final int CHUNK_OVERHEAD = 1024;

    private final int chunkRecords;
    private final int chunkBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final Condition shrunk = lock.newCondition();
    private final Map<Key, OpenChunk> open = new HashMap<>();
    private final List<Sealed> sealed = new ArrayList<>();
    private long bytes;
    private long lastNumber;

    private record Key(Origin resource, long day) {}

    /** Rows that will not grow any more, on their way into the index of their day. */
    public record Sealed(Rows rows, long day) {}

    /**
     * @param chunkRecords records after which a chunk is sealed
     * @param chunkBytes bytes after which a chunk is sealed
     */
    public Head(int chunkRecords, int chunkBytes) {
        this.chunkRecords = chunkRecords;
        this.chunkBytes = chunkBytes;
    }

    /** Decides where a record of a batch goes. */
    public interface Placing {
        /** The number of the record, or -1 if it is not kept. */
        long number(int index);

        /** The time by which it is found, epoch nanoseconds. */
        long time(int index);

        /** The day it is filed under, days since the epoch. */
        long day(int index);

        /** Whether the record is already in the index of its day. */
        boolean stored(Origin resource, long day, long number);
    }

    /** Takes the records of a batch that are kept and makes them visible at once. */
    public void add(Batch batch, Placing placing, long nowMillis) {
        lock.lock();
        try {
            for (Batch.Group group : batch.groups()) {
                OpenChunk chunk = null;
                for (int i = group.from(); i < group.to(); i++) {
                    long number = placing.number(i);
                    if (number < 0) {
                        continue;
                    }
                    lastNumber = Math.max(lastNumber, number);
                    long day = placing.day(i);
                    if (placing.stored(group.resource(), day, number)) {
                        continue;
                    }
                    if (chunk == null || chunk.day() != day || chunk.count() >= chunkRecords) {
                        chunk = chunk(group.resource(), day, nowMillis);
                    }
                    long before = chunk.memory();
                    chunk.add(batch, i, group.scope(), placing.time(i), number);
                    bytes += chunk.memory() - before;
                    if (chunk.count() >= chunkRecords
                            || chunk.bytes() >= chunkBytes
                            || chunk.scopeCount() >= MAX_SCOPES) {
                        seal(new Key(chunk.resource(), day), chunk);
                        chunk = null;
                    }
                }
            }
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private OpenChunk chunk(Origin resource, long day, long nowMillis) {
        Key key = new Key(resource, day);
        OpenChunk chunk = open.get(key);
        if (chunk == null) {
            chunk = new OpenChunk(resource, day, nowMillis);
            open.put(key, chunk);
            bytes += memory(resource, chunk.memory());
        }
        return chunk;
    }

    private static long memory(Origin resource, long arrays) {
        return CHUNK_OVERHEAD + resource.message().length + arrays;
    }

    private void seal(Key key, OpenChunk chunk) {
        open.remove(key);
        Rows rows = chunk.trimmed();
        sealed.add(new Sealed(rows, key.day()));
        bytes += rows.memory() - chunk.memory();
    }

    /**
     * Seals the chunks opened before this instant, and those that begin below this number.
     *
     * @param openedBefore epoch milliseconds
     * @return all sealed chunks, those of earlier calls that are not dropped yet included
     */
    public List<Sealed> seal(long openedBefore, long firstBelow) {
        lock.lock();
        try {
            List<Map.Entry<Key, OpenChunk>> old =
                    open.entrySet().stream()
                            .filter(
                                    entry ->
                                            entry.getValue().openedAt() < openedBefore
                                                    || entry.getValue().first() < firstBelow)
                            .toList();
            old.forEach(entry -> seal(entry.getKey(), entry.getValue()));
            return List.copyOf(sealed);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets chunks that are readable elsewhere now. */
    public void drop(List<Sealed> stored) {
        lock.lock();
        try {
            for (Sealed chunk : stored) {
                if (sealed.remove(chunk)) {
                    Rows rows = chunk.rows();
                    bytes -= memory(rows.resource(), rows.memory());
                }
            }
            shrunk.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What is in memory now. */
    public List<Rows> rows() {
        lock.lock();
        try {
            List<Rows> rows = new ArrayList<>(sealed.size() + open.size());
            sealed.forEach(chunk -> rows.add(chunk.rows()));
            open.values().forEach(chunk -> rows.add(chunk.rows()));
            return rows;
        } finally {
            lock.unlock();
        }
    }

    /** The lowest number among the records here, or {@code Long.MAX_VALUE}. */
    public long lowestNumber() {
        lock.lock();
        try {
            long lowest = Long.MAX_VALUE;
            for (Sealed chunk : sealed) {
                lowest = Math.min(lowest, chunk.rows().first());
            }
            for (OpenChunk chunk : open.values()) {
                lowest = Math.min(lowest, chunk.first());
            }
            return lowest;
        } finally {
            lock.unlock();
        }
    }

    /** The memory that the records here take, in bytes. */
    public long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there are at most so many bytes here.
     *
     * @return whether there are
     */
    public boolean awaitAtMost(long most, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (bytes > most) {
                if (left <= 0) {
                    return false;
                }
                left = shrunk.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The memory that the sealed ones among them take, in bytes. */
    public long sealedBytes() {
        lock.lock();
        try {
            long sum = 0;
            for (Sealed chunk : sealed) {
                sum += memory(chunk.rows().resource(), chunk.rows().memory());
            }
            return sum;
        } finally {
            lock.unlock();
        }
    }

    /** The number of the newest record that can be read. */
    public long lastNumber() {
        lock.lock();
        try {
            return lastNumber;
        } finally {
            lock.unlock();
        }
    }

    /** Says from which number on the next records will be counted. */
    public void startAfter(long number) {
        lock.lock();
        try {
            lastNumber = Math.max(lastNumber, number);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is a record after this one.
     *
     * @return whether there is
     */
    public boolean awaitAfter(long number, long timeoutMillis) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lockInterruptibly();
        try {
            while (lastNumber <= number) {
                if (left <= 0) {
                    return false;
                }
                left = grown.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
