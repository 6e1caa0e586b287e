package dev.pillion.adapter.tail;

import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells which file goes on with which identity: by device, inode and birth time together with the
 * bytes before the acknowledged offset; by these bytes alone for the copy of a file that was seen
 * to be truncated, and for a file that moved while nobody looked. Used by the scan thread alone.
 */
final class Lineage {

    private static final Logger LOG = Logger.getLogger(Lineage.class.getName());

    /** How long the copy of a truncated file is looked for. */
    private static final long COPY_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Fewer acknowledged bytes may be a heading that any file of this writer begins with. */
    static final long TELLING_BYTES = 1024;

    private static final int COMPARE_BYTES = 4096;

    private final Checkpoint checkpoint;
    private final Counts counts;
    private final Collection<TailedFile> files;
    private final Map<String, Orphan> orphans = new LinkedHashMap<>();

    /** Identities without a file, found once a scan if at all. */
    private List<Checkpoint.State> unclaimed;

    /** First bytes of files without an identity, read once a scan if at all. */
    private final Map<TailedFile, byte[]> heads = new HashMap<>();

    /**
     * An identity whose file lost its content: the copy that has it is looked for.
     *
     * @param size how large the file was known to be
     */
    private record Orphan(String id, String key, Path path, long acked, long size, long since) {}

    /**
     * @param files those that are read now, as the scan knows them
     */
    Lineage(Checkpoint checkpoint, Counts counts, Collection<TailedFile> files) {
        this.checkpoint = checkpoint;
        this.counts = counts;
        this.files = files;
    }

    /** A new scan: nothing that the last one found out is taken for granted. */
    void begin() {
        heads.clear();
        changed();
    }

    /** Files came or went: who has no file is looked up again. */
    void changed() {
        unclaimed = null;
    }

    /** What is known of files that none of those being read is. */
    List<Checkpoint.State> unclaimed() {
        if (unclaimed == null) {
            Set<String> used = new HashSet<>();
            files.forEach(f -> used.add(f.id()));
            unclaimed =
                    checkpoint.states().stream()
                            .filter(s -> !used.contains(s.id()))
                            .filter(s -> s.acked().offset() > 0 || s.note() != null)
                            .toList();
        }
        return unclaimed;
    }

    /** Takes up the identity that this very file had, if its content is still the one read. */
    boolean restore(TailedFile file) throws IOException {
        for (Checkpoint.State state : unclaimed()) {
            if (!BirthTimes.same(state.key(), file.key()) || orphans.containsKey(state.id())) {
                continue;
            }
            if (holds(state, file.content)) {
                claim(file, state);
                return true;
            }
            orphans.put(
                    state.id(),
                    new Orphan(
                            state.id(),
                            state.key(),
                            file.path(),
                            state.acked().offset(),
                            sent(state),
                            System.nanoTime()));
        }
        return false;
    }

    /** Takes up the identity of another file whose content this one has. */
    private boolean inherit(TailedFile file) throws IOException {
        for (Checkpoint.State state : unclaimed()) {
            Orphan orphan = orphans.get(state.id());
            if (orphan == null
                    ? tells(state) && holds(state, file.content)
                    : !BirthTimes.same(orphan.key(), file.key())
                            && (holds(state, file.content) || endsWithin(state, file.content, 1))) {
                claim(file, state);
                return true;
            }
        }
        return false;
    }

    /** Whether so much was acknowledged that no other file has it. */
    static boolean tells(Checkpoint.State state) {
        return state.acked().offset() >= TELLING_BYTES;
    }

    static boolean holds(Checkpoint.State state, Content content) throws IOException {
        return state.acked().holds(content)
                && (state.note() == null || state.note().end().holds(content));
    }

    /**
     * Whether a copy or an archive ends within what was sent of a file: its writer went on after it
     * was made, and was read meanwhile. Told by what was acknowledged.
     *
     * @param least so many bytes, 1 or more, they must have in common
     */
    static boolean endsWithin(Checkpoint.State state, Content content, long least)
            throws IOException {
        long size = content.size();
        if (size > state.acked().offset()) {
            return state.acked().offset() >= least
                    && size < sent(state)
                    && state.acked().holds(content);
        }
        boolean told = false;
        for (Mark mark : state.trail()) {
            if (mark.offset() <= size) {
                if (!mark.holds(content)) {
                    return false;
                }
                told |= mark.offset() >= least;
            }
        }
        return told;
    }

    /** How far the file was read. */
    private static long sent(Checkpoint.State state) {
        return state.note() == null ? state.acked().offset() : state.note().to();
    }

    /** The file goes on with what is known of this one, whose content it has. */
    void claim(TailedFile file, Checkpoint.State state) throws IOException {
        long size = file.content.size();
        boolean within = size < state.acked().offset();
        boolean whole = size >= sent(state);
        file.restore(
                new TailedFile.Place(
                        state.id(),
                        within ? Mark.of(file.content, size) : state.acked(),
                        whole ? state.note() : null));
        file.head(Mark.read(file.content, 0, TailedFile.HEAD_BYTES));
        Orphan orphan = orphans.remove(state.id());
        if (orphan != null || !whole) {
            // What was read of the original is not lost, whatever the copy lacks.
            file.owed = orphan == null ? sent(state) : orphan.size();
            file.owedFrom = Math.max(size, state.acked().offset());
        }
        changed();
    }

    /**
     * Asks, before a file without an identity is read, whether it goes on with one: it may be the
     * copy of a file that was truncated, or is about to be.
     */
    void prove(TailedFile file) {
        TailedFile before = file.copyOf;
        if (before != null && before.busy()) {
            // What it had is not known before its batch has ended.
            return;
        }
        try {
            if (file.content.look(content -> inherit(file))) {
                file.copyOf = null;
                LOG.log(
                        Level.INFO,
                        "{0}: goes on with what was known by its content, from byte {1}",
                        new Object[] {file.path(), file.acked().offset()});
            } else {
                file.copyOf = file.content.look(content -> original(file));
            }
        } catch (IOException e) {
            file.copyOf = null;
        }
        if (file.copyOf != null && before == null) {
            LOG.log(
                    Level.INFO,
                    "{0}: has the content of {1}; held back as its copy",
                    new Object[] {file.path(), file.copyOf.path()});
        }
    }

    /** The file that this one may be a copy of, or null. */
    private TailedFile original(TailedFile file) throws IOException {
        byte[] head = head(file);
        for (TailedFile other : files) {
            if (!other.equals(file)
                    && other.copyOf == null
                    && Objects.equals(other.path().getParent(), file.path().getParent())
                    && isCopy(file, head, other)) {
                return other;
            }
        }
        return null;
    }

    /** Whether the file may be a copy of the other; of one that cannot be read none is known. */
    private boolean isCopy(TailedFile file, byte[] head, TailedFile other) {
        TailedFile.Place place = other.place();
        boolean begun = place.note() != null || place.acked().offset() > 0;
        try {
            // What a worker has read counts before the file: it may be truncated meanwhile.
            if (alike(head, other.head()) && (begun ? hasContentOf(file, place) : other.busy())) {
                return true;
            }
            // Of an archive no more is looked at: it would be unpacked.
            return !other.content.settled()
                    && alike(head, begun ? other.head() : head(other))
                    && other.content.look(content -> sameBeginning(file.content, content));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean alike(byte[] one, byte[] other) {
        int common = Math.min(one.length, other.length);
        return common > 0 && Arrays.equals(one, 0, common, other, 0, common);
    }

    /** The first bytes as they are now, read once a scan. */
    private byte[] head(TailedFile file) throws IOException {
        byte[] head = heads.get(file);
        if (head == null) {
            head = file.content.look(c -> Mark.read(c, 0, TailedFile.HEAD_BYTES));
            heads.put(file, head);
        }
        return head;
    }

    /** Whether all of {@code file} is also the beginning of the other: as far as two looks tell. */
    private static boolean sameBeginning(Content file, Content other) throws IOException {
        long size = file.size();
        if (size == 0 || size > other.size()) {
            return false;
        }
        int head = (int) Math.min(size, COMPARE_BYTES);
        return Arrays.equals(Mark.read(file, 0, head), Mark.read(other, 0, head))
                && Mark.of(file, size).holds(other);
    }

    /** Whether the file has, at its place, what was last acknowledged or sent of the other. */
    private static boolean hasContentOf(TailedFile file, TailedFile.Place other)
            throws IOException {
        return (other.acked().offset() > 0 && other.acked().holds(file.content))
                || (other.note() != null && other.note().end().holds(file.content));
    }

    /** The file has another content now: its identity is free for whoever has the old one. */
    void replaced(TailedFile file, long now) {
        if (!file.id().isEmpty()) {
            orphans.put(
                    file.id(),
                    new Orphan(
                            file.id(),
                            file.key(),
                            file.path(),
                            file.acked().offset(),
                            file.size,
                            now));
        }
        LOG.log(
                Level.INFO,
                "{0}: was truncated or replaced; it begins anew, the old content is looked for in a copy",
                file.path());
        file.renew();
        changed();
    }

    /**
     * A file that is no more, and was delivered to its end.
     *
     * @param remembered whether it is forgotten later
     */
    void ended(TailedFile file, boolean remembered) {
        if (!file.id().isEmpty()) {
            owe(file);
            if (!remembered) {
                forget(file.id());
            }
        }
        changed();
    }

    /** Counts what a copy lacks, once it is certain that no more of it comes. */
    void settle(TailedFile file, long now) {
        if (file.owed > 0 && file.delivered() && file.quietNanos(now) > COPY_WAIT_NANOS) {
            owe(file);
        }
    }

    private void owe(TailedFile file) {
        long from = Math.max(file.owedFrom, file.size);
        if (file.owed > from) {
            gap(new Gap(file.id(), file.path(), file.owed, file.owed - from));
        }
        file.owed = 0;
    }

    /** Gives up on copies that did not come. */
    void expire(long now) {
        orphans.values().removeIf(orphan -> gone(orphan, now));
    }

    private boolean gone(Orphan orphan, long now) {
        if (now - orphan.since() < COPY_WAIT_NANOS) {
            return false;
        }
        if (orphan.size() > orphan.acked()) {
            gap(new Gap(orphan.id(), orphan.path(), orphan.size(), orphan.size() - orphan.acked()));
        }
        forget(orphan.id());
        return true;
    }

    private void gap(Gap gap) {
        counts.gaps.increment();
        counts.gapBytes.add(gap.bytes());
        LOG.log(
                Level.WARNING,
                "{0}: {1} bytes before byte {2} were cut off before they were read, and no copy has them",
                new Object[] {gap.path(), gap.bytes(), gap.end()});
        try {
            checkpoint.gap(gap);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the checkpoint cannot be written: {0}", e.toString());
        }
    }

    void forget(String id) {
        try {
            checkpoint.forget(id);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the checkpoint cannot be written: {0}", e.toString());
        }
    }
}
