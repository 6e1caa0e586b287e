package dev.pillion.central.store;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.FileKey;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is safe already, so that it is not kept twice: of each file the highest position, of other
 * clients the hashes of their last requests. Both are bounded; the longest unused go first. Used by
 * the journal's thread; the sealer takes copies under the same lock.
 */
final class Known {

    private final int maxFiles;
    private final int maxHashes;
    private final long hashNanos;
    private final LinkedHashMap<String, Mark> marks = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Hash, Long> hashes = new LinkedHashMap<>();

    /**
     * How far a file is kept.
     *
     * @param position the highest that is safe, or -1
     * @param records how many of its records are safe
     */
    record Mark(long position, long records) {
        static final Mark NONE = new Mark(-1, 0);

        LogStore.FileMark of(String file) {
            return new LogStore.FileMark(FileKey.id(file), records, position);
        }

        Mark later(Mark other) {
            return other.position > position ? other : this;
        }
    }

    /** Sixteen bytes of a digest. */
    record Hash(long high, long low) {
        static Hash of(byte[] bytes) {
            return new Hash(Bytes.fixed64(bytes, 0), Bytes.fixed64(bytes, 8));
        }
    }

    /** What a group of requests adds, if it becomes safe. */
    static final class Change {
        private final Map<String, Mark> marks = new HashMap<>();
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
            if (group.file().isEmpty()) {
                unnumbered = true;
                continue;
            }
            Mark before = change.marks.getOrDefault(group.file(), mark(group.file()));
            long highest = before.position();
            long records = before.records();
            for (int i = group.from(); i < group.to(); i++) {
                long position = batch.positions()[i];
                if (position < 0) {
                    unnumbered = true;
                } else if (position <= highest) {
                    repeats[count++] = i;
                } else {
                    highest = position;
                    records++;
                }
            }
            if (highest >= 0) {
                change.marks.put(group.file(), new Mark(highest, records));
            }
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
        change.marks.forEach((file, mark) -> marks.merge(file, mark, Mark::later));
        hashes.putAll(change.hashes);
        trim();
    }

    private void trim() {
        var file = marks.entrySet().iterator();
        while (marks.size() > maxFiles) {
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

    synchronized Map<String, Mark> marks() {
        return new LinkedHashMap<>(marks);
    }

    /** A former version kept files by their id alone. */
    private Mark mark(String file) {
        Mark own = marks.get(file);
        return own != null ? own : marks.getOrDefault(FileKey.id(file), Mark.NONE);
    }

    /**
     * The marks of files that have one of these ids and namespaces; an empty collection is any.
     *
     * @param limit most marks
     */
    synchronized List<LogStore.FileMark> files(
            Collection<String> ids, Set<String> namespaces, int limit) {
        Set<String> wanted = Set.copyOf(ids);
        List<LogStore.FileMark> found = new ArrayList<>();
        for (Map.Entry<String, Mark> entry : marks.entrySet()) {
            String file = entry.getKey();
            if (found.size() < limit
                    && (wanted.isEmpty() || wanted.contains(FileKey.id(file)))
                    && (namespaces.isEmpty() || namespaces.contains(FileKey.namespace(file)))) {
                found.add(entry.getValue().of(file));
            }
        }
        return found;
    }

    synchronized Map<Hash, Long> hashes() {
        return new LinkedHashMap<>(hashes);
    }

    synchronized void restore(Map<String, Mark> files, Map<Hash, Long> requests) {
        files.forEach((file, mark) -> marks.merge(file, mark, Mark::later));
        hashes.putAll(requests);
        trim();
    }
}
