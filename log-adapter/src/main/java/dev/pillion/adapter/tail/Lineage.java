package dev.pillion.adapter.tail;

import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
 * Tells which file goes on with which identity. Device and inode are enough while a file is open
 * here (an open file's inode is not used again); after a restart, and for the copy of a file that
 * was truncated, the bytes before the acknowledged offset tell. Used by the scan thread alone.
 */
final class Lineage {

    private static final Logger LOG = Logger.getLogger(Lineage.class.getName());

    /** How long the copy of a truncated file is looked for. */
    private static final long COPY_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int COMPARE_BYTES = 4096;

    private final Checkpoint checkpoint;
    private final Counts counts;
    private final Collection<TailedFile> files;
    private final Map<String, Orphan> orphans = new LinkedHashMap<>();

    /** Identities without a file, found once a scan if at all. */
    private List<Checkpoint.State> unclaimed;

    /** An identity whose file lost its content: the copy that has it is looked for. */
    private record Orphan(TailedFile.Place place, java.nio.file.Path path, long size, long since) {}

    /**
     * @param files those that are read now, as the scan knows them
     */
    Lineage(Checkpoint checkpoint, Counts counts, Collection<TailedFile> files) {
        this.checkpoint = checkpoint;
        this.counts = counts;
        this.files = files;
    }

    /** Files came or went: who has no file is looked up again. */
    void changed() {
        unclaimed = null;
    }

    /**
     * Takes up an identity known from before: by device and inode, or by content alone.
     *
     * @return whether one was found
     */
    boolean restore(TailedFile file) throws IOException {
        if (unclaimed == null) {
            Set<String> used = new HashSet<>();
            files.forEach(f -> used.add(f.id()));
            unclaimed = checkpoint.states().stream().filter(s -> !used.contains(s.id())).toList();
        }
        List<Checkpoint.State> candidates = new ArrayList<>();
        for (Checkpoint.State state : unclaimed) {
            if (state.acked().offset() == 0 && state.note() == null) {
                continue;
            }
            if (state.key().equals(file.key())) {
                candidates.addFirst(state);
            } else {
                candidates.addLast(state);
            }
        }
        for (Checkpoint.State state : candidates) {
            if (state.acked().holds(file.channel)
                    && (state.note() == null || state.note().end().holds(file.channel))) {
                file.restore(new TailedFile.Place(state.id(), state.acked(), state.note()));
                file.head = Mark.read(file.channel, 0, Mark.WINDOW);
                orphans.remove(state.id());
                changed();
                return true;
            }
        }
        return false;
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
            if (restore(file)) {
                file.copyOf = null;
                LOG.log(
                        Level.INFO,
                        "{0}: goes on with what was known by its content, from byte {1}",
                        new Object[] {file.path(), file.acked().offset()});
            } else {
                file.copyOf = original(file);
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
        byte[] head = Mark.read(file.channel, 0, Mark.WINDOW);
        for (TailedFile other : files) {
            int common = Math.min(head.length, other.head.length);
            if (common > 0
                    && Arrays.equals(head, 0, common, other.head, 0, common)
                    && !other.equals(file)
                    && other.copyOf == null
                    && Objects.equals(other.path().getParent(), file.path().getParent())
                    && (undecided(other)
                            || sameBeginning(file, other)
                            || hasContentOf(file, other.place()))) {
                return other;
            }
        }
        return null;
    }

    /** Its first batch is just being read: what its content was cannot be told from outside. */
    private static boolean undecided(TailedFile other) {
        TailedFile.Place place = other.place();
        return other.busy() && place.note() == null && place.acked().offset() == 0;
    }

    /** Whether all of {@code file} is also the beginning of the other: as far as two looks tell. */
    private static boolean sameBeginning(TailedFile file, TailedFile other) {
        try {
            long size = file.channel.size();
            if (size == 0 || size > other.channel.size()) {
                return false;
            }
            int head = (int) Math.min(size, COMPARE_BYTES);
            byte[] mine = Mark.read(file.channel, 0, head);
            byte[] theirs = Mark.read(other.channel, 0, head);
            return Arrays.equals(mine, theirs) && Mark.of(file.channel, size).holds(other.channel);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the file has, at its place, what was last acknowledged or sent of the other. */
    private static boolean hasContentOf(TailedFile file, TailedFile.Place other)
            throws IOException {
        return (other.acked().offset() > 0 && other.acked().holds(file.channel))
                || (other.note() != null && other.note().end().holds(file.channel));
    }

    /** The file has another content now: its identity is free for whoever has the old one. */
    void replaced(TailedFile file, long now) {
        if (!file.id().isEmpty()) {
            orphans.put(file.id(), new Orphan(file.place(), file.path(), file.size, now));
        }
        LOG.log(
                Level.INFO,
                "{0}: was truncated or replaced; it begins anew, the old content is looked for in a copy",
                file.path());
        file.renew();
        changed();
    }

    /** Gives up on copies that did not come. */
    void expire(long now) {
        orphans.values().removeIf(orphan -> gone(orphan, now));
    }

    private boolean gone(Orphan orphan, long now) {
        if (now - orphan.since() < COPY_WAIT_NANOS) {
            return false;
        }
        long lost = Math.max(0, orphan.size() - orphan.place().acked().offset());
        try {
            checkpoint.forget(orphan.place().id());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the checkpoint cannot be written: {0}", e.toString());
        }
        if (lost > 0) {
            counts.gaps.increment();
            counts.gapBytes.add(lost);
            LOG.log(
                    Level.WARNING,
                    "{0}: {1} bytes were cut off before they were delivered, and no copy has them",
                    new Object[] {orphan.path(), lost});
        }
        return true;
    }
}
