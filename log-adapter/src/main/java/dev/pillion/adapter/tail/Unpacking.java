package dev.pillion.adapter.tail;

import dev.pillion.adapter.ship.Checkpoint;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Unpacks archives to find out what they are, one after the other on a thread of its own: a large
 * one takes seconds, in which new lines are to be seen. Started and asked by the scan thread alone.
 */
final class Unpacking implements AutoCloseable {

    /**
     * What an archive turned out to be.
     *
     * @param sought the identities it was compared with
     * @param id the one whose content it has
     * @param size how much it unpacks to; -1 if it cannot be unpacked, or not yet
     * @param end vouches for its end
     */
    record Verdict(Set<String> sought, Optional<String> id, long size, Mark end) {

        Verdict {
            sought = Set.copyOf(sought);
        }

        Verdict of(String known) {
            return new Verdict(sought, Optional.of(known), size, end);
        }
    }

    private Thread thread;
    private volatile Map<Archive.Version, Verdict> verdicts;

    /** Whether it is under way. */
    boolean running() {
        return begun() && thread.isAlive();
    }

    /** Whether what it finds out was not taken yet. */
    boolean begun() {
        return thread != null;
    }

    /**
     * Begins; nothing may be running.
     *
     * @param sought files whose rest may be in one of the archives
     */
    void begin(List<Archive> archives, List<Checkpoint.State> sought) {
        // In the order of the offsets: each archive is unpacked once.
        List<Checkpoint.State> ordered =
                sought.stream().sorted(Comparator.comparingLong(s -> s.acked().offset())).toList();
        thread =
                Thread.ofPlatform()
                        .name("archives")
                        .daemon()
                        .start(() -> verdicts = unpack(archives, ordered));
    }

    /** What was found out since it was asked last; called when it is not under way. */
    Map<Archive.Version, Verdict> take() {
        thread = null;
        Map<Archive.Version, Verdict> taken = verdicts;
        verdicts = null;
        return taken == null ? Map.of() : taken;
    }

    private static Map<Archive.Version, Verdict> unpack(
            List<Archive> archives, List<Checkpoint.State> sought) {
        Set<String> ids = sought.stream().map(Checkpoint.State::id).collect(Collectors.toSet());
        Map<Archive.Version, Verdict> found = new HashMap<>();
        for (Archive archive : archives) {
            GzipContent content = new GzipContent(archive);
            Verdict verdict;
            try {
                Optional<String> id = known(content, sought);
                long size = content.size();
                verdict = new Verdict(ids, id, size, Mark.of(content, size));
            } catch (IOException e) {
                verdict = new Verdict(ids, Optional.empty(), -1, Mark.START);
            } finally {
                content.release();
            }
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
            found.put(archive.version(), verdict);
        }
        return found;
    }

    private static Optional<String> known(GzipContent content, List<Checkpoint.State> sought)
            throws IOException {
        for (Checkpoint.State state : sought) {
            if (Lineage.holds(state, content)) {
                return Optional.of(state.id());
            }
        }
        for (Checkpoint.State state : sought) {
            if (Lineage.endsWithin(state, content, Lineage.TELLING_BYTES)) {
                return Optional.of(state.id());
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
