package dev.pillion.adapter.tail;

import dev.pillion.adapter.ship.Checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Finds the rest of files that were rotated and compressed while nobody looked: a {@code .gz} is
 * read only if it unpacks to what was acknowledged of a file that is no more, and from there on.
 * Used by the scan thread alone.
 */
final class Archives {

    private static final Logger LOG = Logger.getLogger(Archives.class.getName());

    /** More archives than this are not looked into. */
    private static final int LIMIT = 1024;

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Globs globs;
    private final BirthTimes births;
    private final Checkpoint checkpoint;

    /** What was unpacked in vain, in which state, and looking for whom. */
    private final Map<Path, Looked> looked = new HashMap<>();

    private long lookedNanos = System.nanoTime() - PAUSE_NANOS;

    private record Looked(long size, long modifiedMillis, Set<String> wanted) {}

    Archives(Globs globs, BirthTimes births, Checkpoint checkpoint) {
        this.globs = globs;
        this.births = births;
        this.checkpoint = checkpoint;
    }

    /**
     * @param unclaimed files that none of those being read is
     * @return an archive that goes on with one of them and has more of it; one at a time, as each
     *     holds what it unpacked last
     */
    Optional<TailedFile> look(List<Checkpoint.State> unclaimed, long now) {
        if (unclaimed.isEmpty() || now - lookedNanos < PAUSE_NANOS) {
            return Optional.empty();
        }
        lookedNanos = now;
        // In the order of the offsets: each archive is unpacked once.
        List<Checkpoint.State> wanted =
                unclaimed.stream()
                        .sorted(Comparator.comparingLong(s -> s.acked().offset()))
                        .toList();
        Set<String> ids = new HashSet<>();
        wanted.forEach(state -> ids.add(state.id()));
        List<Path> archives = globs.archives(LIMIT);
        looked.keySet().retainAll(new HashSet<>(archives));
        for (Path path : archives) {
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(path, BasicFileAttributes.class);
                Looked seen =
                        new Looked(
                                attributes.size(), attributes.lastModifiedTime().toMillis(), ids);
                Looked before = looked.put(path, seen);
                if (before == null
                        || before.size() != seen.size()
                        || before.modifiedMillis() != seen.modifiedMillis()
                        || !before.wanted().containsAll(ids)) {
                    TailedFile file = look(path, attributes, wanted);
                    if (file != null) {
                        sayWhatIsLeftAlone(archives, file, wanted);
                        return Optional.of(file);
                    }
                }
            } catch (IOException e) {
                // Not complete yet, or none at all: looked at again once it has changed.
            }
        }
        return Optional.empty();
    }

    /**
     * Archives written to after the one that is read were rotated while nobody looked: nothing of
     * them was delivered, and nothing tells where they belong.
     */
    private static void sayWhatIsLeftAlone(
            List<Path> archives, TailedFile read, List<Checkpoint.State> wanted) {
        List<Checkpoint.State> others =
                wanted.stream().filter(state -> !state.id().equals(read.id())).toList();
        for (Path path : archives) {
            GzipContent content = new GzipContent(path);
            try {
                if (Files.getLastModifiedTime(path).toInstant().isAfter(read.modified())
                        && known(content, others).isEmpty()) {
                    LOG.log(
                            Level.WARNING,
                            "{0}: was written and packed while nobody looked, and is left alone;"
                                    + " unpack it in its folder, and it is read",
                            path);
                }
            } catch (IOException e) {
                // Not complete yet, or none at all.
            } finally {
                content.release();
            }
        }
    }

    /** What it unpacks to goes on with this one. */
    private static Optional<Checkpoint.State> known(
            GzipContent content, List<Checkpoint.State> wanted) throws IOException {
        for (Checkpoint.State state : wanted) {
            if (state.acked().offset() > 0 && state.acked().holds(content)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    private TailedFile look(
            Path path, BasicFileAttributes attributes, List<Checkpoint.State> wanted)
            throws IOException {
        GzipContent content = new GzipContent(path);
        try {
            Optional<Checkpoint.State> state = known(content, wanted);
            return state.isPresent() ? goOn(path, attributes, content, state.get()) : null;
        } finally {
            content.release();
        }
    }

    private TailedFile goOn(
            Path path, BasicFileAttributes attributes, GzipContent content, Checkpoint.State state)
            throws IOException {
        long size = content.size();
        if (size <= state.acked().offset()) {
            checkpoint.forget(state.id());
            return null;
        }
        LOG.log(
                Level.INFO,
                "{0}: has what is left of a file that is no more, from byte {1}",
                new Object[] {path, state.acked().offset()});
        TailedFile file =
                new TailedFile(attributes.fileKey(), births.key(path, attributes), path, content);
        file.restore(new TailedFile.Place(state.id(), state.acked(), state.note()));
        file.head(Mark.read(content, 0, TailedFile.HEAD_BYTES));
        file.size(size, System.nanoTime());
        file.modified = attributes.lastModifiedTime().toInstant();
        return file;
    }
}
