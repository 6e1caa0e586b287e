package dev.pillion.adapter.tail;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The files that are read: taken in when they are found in the folders, looked at for growth and
 * given to the workers, struck off when they are gone and read to their ends. {@link Lineage} tells
 * who they are. One look at a time, by whichever thread; the files may be listed by any.
 */
final class Inventory {

    private static final Logger LOG = Logger.getLogger(Inventory.class.getName());

    /** A file that vanished from the folders is struck off after it was quiet for so long. */
    private static final Duration MISSING_QUIET = Duration.ofSeconds(3);

    private final Settings settings;
    private final Globs globs;
    private final Workers workers;
    private final Checkpoint checkpoint;
    private final WallClock wallClock;
    private final Map<Object, TailedFile> files = new ConcurrentHashMap<>();
    private final BirthTimes births = new BirthTimes();
    private final Descriptors descriptors;
    private final Archives archives;
    private final Folders folders;
    private final Lineage lineage;

    /** Those that are there and could not be opened, so that each is said once. */
    private final Set<Path> unreadable = new HashSet<>();

    /** Whether there are more files than may be read. */
    private boolean crowded;

    private long tick;

    private volatile long lastGrowth = System.nanoTime();
    private volatile long grown;

    Inventory(
            Settings settings,
            Globs globs,
            Workers workers,
            Checkpoint checkpoint,
            Counts counts,
            Clock clock) {
        this.settings = settings;
        this.globs = globs;
        this.workers = workers;
        this.checkpoint = checkpoint;
        this.wallClock = new WallClock(clock);
        this.descriptors = new Descriptors(settings.maxOpenFiles(), settings.workers());
        this.folders = new Folders(globs.folders(), settings.folderBytes());
        this.lineage = new Lineage(checkpoint, counts, files.values());
        this.archives = new Archives(globs, births, checkpoint, lineage, files.values());
    }

    /** The files there are now; grows and shrinks by itself. */
    Collection<TailedFile> files() {
        return Collections.unmodifiableCollection(files.values());
    }

    /** The folders in which something may happen. */
    Set<Path> folders() {
        Set<Path> all = new HashSet<>(globs.folders());
        files.values().forEach(file -> all.add(file.path().getParent()));
        return all;
    }

    /** When a file was last seen to have grown, in nanoseconds of the monotonic clock. */
    long lastGrowth() {
        return lastGrowth;
    }

    /** How often a file was seen to have grown. */
    long grown() {
        return grown;
    }

    /**
     * Looks only at files that are known to have grown, or have something unsent.
     *
     * @return false if there is more to it than growth: then all is to be looked at
     */
    synchronized boolean glance(Set<Path> told) {
        long now = System.nanoTime();
        Set<Path> strange = new HashSet<>(told);
        for (TailedFile file : files.values()) {
            // A deleted file's name may be that of a new one, which it is told of.
            boolean grew = !file.missing && strange.remove(file.path());
            boolean due = !file.delivered() && !file.busy() && now - file.notBeforeNanos() >= 0;
            // One that waits for its worker closed is not opened before: its worker does that.
            if ((!grew && !due) || (file.busy() && !file.content.open())) {
                continue;
            }
            try {
                TailedFile.Place place = file.place();
                long size = file.content.look(Content::size);
                long least = place.note() == null ? place.acked().offset() : place.note().to();
                if (file.id().isEmpty() || file.changed() || size < least) {
                    return false;
                }
                if (size != file.size) {
                    grew(file, size, now);
                    if (!file.missing) {
                        file.modified(written(file), size, now);
                    }
                } else if (grew && file.delivered() && !written(file).equals(file.modified())) {
                    return false; // perhaps written anew, to the same size
                }
                workers.offer(file, now);
            } catch (IOException e) {
                return false;
            }
        }
        return strange.stream().noneMatch(globs::names);
    }

    private static Instant written(TailedFile file) throws IOException {
        return Files.getLastModifiedTime(file.path()).toInstant();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one look at a time
    private void grew(TailedFile file, long size, long now) {
        if (file.delivered()) {
            file.unsentSinceNanos = now;
        }
        file.lastGrowthNanos = now;
        file.size(size, now);
        lastGrowth = now;
        grown++;
    }

    /** Looks at all folders and files once. */
    synchronized void scan() {
        tick++;
        long now = System.nanoTime();
        wallClock.look();
        lineage.begin();
        Set<Path> fresh = list(now);
        fresh.stream()
                .limit(Math.max(0, settings.maxFiles() - files.size()))
                .forEach(this::welcome);
        unreadable.retainAll(fresh);
        for (TailedFile file : files.values()) {
            if (file.seenTick != tick) {
                missing(file, now);
            }
            if (file.id().isEmpty() && file.size > 0 && !file.busy() && !file.content.settled()) {
                lineage.prove(file);
            }
            lineage.settle(file, now);
            workers.offer(file, now);
        }
        archives.look(now).ifPresent(this::begin);
        if (!archives.catchingUp()) {
            lineage.expire(now);
        }
        workers.tell(checkpoint.gaps(), now);
        folders.look(files.values(), now);
        descriptors.makeRoom(0, files.values());
    }

    private void begin(TailedFile file) {
        files.putIfAbsent(file.fileKey, file);
        lineage.changed();
    }

    /** Whether there is more to be read than the files there are now. */
    synchronized boolean catchingUp() {
        return archives.catchingUp();
    }

    /** Looks at the files known; returns the paths of others. */
    private Set<Path> list(long now) {
        Set<Path> fresh = new LinkedHashSet<>();
        for (Path path : paths()) {
            try {
                if (settings.exporting() && !globs.confines(path)) {
                    continue;
                }
                BasicFileAttributes attributes =
                        Files.readAttributes(path, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    continue;
                }
                TailedFile file = files.get(attributes.fileKey());
                if (file == null) {
                    fresh.add(path);
                } else if (file.seenTick != tick) {
                    file.seenTick = tick;
                    file.path(path);
                    file.missing = false;
                    long size = attributes.size();
                    file.modified(attributes.lastModifiedTime().toInstant(), size, now);
                    // A quiet file whose descriptor was given back need not be opened to be seen.
                    boolean quiet = size == file.size && !file.changed() && !file.suspect;
                    if (file.content.open() || (!quiet && !file.busy())) {
                        look(file, now);
                    }
                }
            } catch (IOException e) {
                // It went between the listing and the look.
            }
        }
        return fresh;
    }

    /** Those of files that are read come first where there are more than may be. */
    private List<Path> paths() {
        int most = settings.maxFiles();
        List<Path> paths = globs.list(most + 1);
        boolean more = paths.size() > most;
        if (more) {
            if (!crowded) {
                LOG.log(
                        Level.WARNING,
                        "there are more files than adapter.max-files ({0}), and some are not read:"
                                + " raise it, or name less in adapter.include",
                        String.valueOf(most));
            }
            Set<Path> known = new HashSet<>();
            files.values().forEach(file -> known.add(file.path()));
            paths = globs.list(most, known);
        }
        crowded = more;
        return paths;
    }

    /** Sees how large it is now, and whether it still has the content that was read. */
    private void look(TailedFile file, long now) throws IOException {
        // In this order: a size from before an acknowledgement would look like a truncation.
        boolean settled = !file.busy();
        TailedFile.Place place = file.place();
        long size = file.content.look(Content::size);
        if (size < place.acked().offset() || (place.note() != null && size < place.note().to())) {
            file.contentChanged();
        }
        if (file.suspect && settled && place.note() == null) {
            file.suspect = false;
            // What is behind the mark is compared when it is read.
            if (size == place.acked().offset() && !file.content.look(place.acked()::holds)) {
                file.contentChanged();
            }
        }
        if (file.changed()) {
            if (!settled) {
                return; // what its old size was is still needed
            }
            lineage.replaced(file, now);
            file.lastGrowthNanos = now;
        }
        if (size != file.size) {
            grew(file, size, now);
        }
    }

    private void welcome(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            Object fileKey = attributes.fileKey();
            if (fileKey != null && !files.containsKey(fileKey)) {
                files.put(fileKey, take(path, fileKey, attributes));
            }
            unreadable.remove(path);
        } catch (IOException e) {
            if (unreadable.add(path)) {
                LOG.log(
                        Level.WARNING,
                        "{0}: cannot be read ({1}): let this user read it, or exclude it; it is"
                                + " tried again",
                        new Object[] {path, e.toString()});
            }
        }
    }

    private TailedFile take(Path path, Object fileKey, BasicFileAttributes attributes)
            throws IOException {
        descriptors.makeRoom(1, files.values());
        Content content = new PlainContent(path, fileKey, descriptors);
        TailedFile file = new TailedFile(fileKey, births.key(path, attributes), path, content);
        file.seenTick = tick;
        file.modified = attributes.lastModifiedTime().toInstant();
        lineage.restore(file);
        file.size(content.size(), System.nanoTime() - wallClock.ageNanos(file.modified));
        content.spare(0);
        return file;
    }

    private void missing(TailedFile file, long now) {
        if (!file.missing) {
            file.missing = true;
            file.missingSinceNanos = now;
        }
        try {
            look(file, now);
        } catch (IOException e) {
            // closed below once it is quiet
        }
        boolean quiet =
                file.content.settled()
                        || now - Math.max(file.missingSinceNanos, file.lastGrowthNanos)
                                > MISSING_QUIET.toNanos();
        boolean done = file.delivered() || file.exhausted();
        if (!file.busy() && (file.lost || (quiet && done && file.note() == null))) {
            boolean remembered = archives.ended(file);
            files.remove(file.fileKey);
            file.content.release();
            lineage.ended(file, remembered);
        }
    }

    /** Gives all descriptors back. */
    void release() {
        archives.close();
        files.values().forEach(file -> file.content.release());
    }
}
