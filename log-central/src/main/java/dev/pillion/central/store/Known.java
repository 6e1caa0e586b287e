package dev.pillion.central.store;

import dev.pillion.central.ingest.Batch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is safe already, so that it is not kept twice: of each file the highest position, of other
 * clients the hashes of their last requests. Both are bounded; the longest unused go first. Used by
 * the journal's thread; the sealer takes copies under the same lock.
 */
final class Known {

    private final int maxFiles;
    private final int maxHashes;
    private final long hashNanos;
    private final LinkedHashMap<String, Long> positions = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Hash, Long> hashes = new LinkedHashMap<>();

    /** Sixteen bytes of a digest. */
    record Hash(long high, long low) {
        static Hash of(byte[] bytes) {
            return new Hash(Bytes.fixed64(bytes, 0), Bytes.fixed64(bytes, 8));
        }
    }

    /** What a group of requests adds, if it becomes safe. */
    static final class Change {
        private final Map<String, Long> positions = new HashMap<>();
        private final Map<Hash, Long> hashes = new LinkedHashMap<>();
    }

    /**
     * @param hashNanos how long a request is remembered by its hash
     */
    Known(int maxFiles, int maxHashes, long hashNanos) {
        this.maxFiles = maxFiles;
        this.maxHashes = maxHashes;
        this.hashNanos = hashNanos;
    }

    /** The indices of the records that are repeats, rising; notes the others in the change. */
    synchronized int[] repeats(Batch batch, byte[] hashBytes, long now, Change change) {
        int[] repeats = new int[batch.size()];
        int count = 0;
        boolean unnumbered = false;
        for (Batch.Group group : batch.groups()) {
            if (group.fileId().isEmpty()) {
                unnumbered = true;
                continue;
            }
            long highest =
                    change.positions.getOrDefault(
                            group.fileId(), positions.getOrDefault(group.fileId(), -1L));
            for (int i = group.from(); i < group.to(); i++) {
                long position = batch.positions()[i];
                if (position < 0) {
                    unnumbered = true;
                } else if (position <= highest) {
                    repeats[count++] = i;
                } else {
                    highest = position;
                }
            }
            change.positions.put(group.fileId(), highest);
        }
        if (unnumbered) {
            Hash hash = Hash.of(hashBytes);
            Long seen = change.hashes.getOrDefault(hash, hashes.get(hash));
            if (seen != null && now - seen < hashNanos) {
                int[] all = new int[batch.size()];
                Arrays.setAll(all, i -> i);
                return all;
            }
            change.hashes.put(hash, now);
        }
        return Arrays.copyOf(repeats, count);
    }

    /** What is safe now. */
    synchronized void apply(Change change) {
        change.positions.forEach((file, position) -> positions.merge(file, position, Math::max));
        hashes.putAll(change.hashes);
        trim();
    }

    private void trim() {
        var file = positions.entrySet().iterator();
        while (positions.size() > maxFiles) {
            file.next();
            file.remove();
        }
        var hash = hashes.entrySet().iterator();
        while (hashes.size() > maxHashes) {
            hash.next();
            hash.remove();
        }
    }

    synchronized void forgetHashesBefore(long time) {
        hashes.values().removeIf(seen -> seen < time);
    }

    synchronized Map<String, Long> positions() {
        return new LinkedHashMap<>(positions);
    }

    synchronized Map<Hash, Long> hashes() {
        return new LinkedHashMap<>(hashes);
    }

    synchronized void restore(Map<String, Long> files, Map<Hash, Long> requests) {
        files.forEach((file, position) -> positions.merge(file, position, Math::max));
        hashes.putAll(requests);
        trim();
    }
}
