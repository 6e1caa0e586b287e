package dev.pillion.adapter.tail;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;
import dev.pillion.adapter.ship.Shipper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Watches the folders and gives each file that has something new to a worker. One scan thread finds
 * files and looks at them, when {@link Watch} is told of a change or a time is over; {@link
 * Lineage} tells who they are, {@link Workers} ship them.
 */
public final class Tailer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Tailer.class.getName());

    /** A file that vanished from the folders is closed after it was quiet for so long. */
    private static final Duration MISSING_QUIET = Duration.ofSeconds(3);

    /**
     * Growth that follows so closely is looked at together; after a whole scan, a poll interval.
     */
    private static final Duration BREATH = Duration.ofMillis(5);

    /** Where files must be polled: so long after the last growth they are polled often, ... */
    private static final Duration LIVELY = Duration.ofSeconds(2);

    /** ... and after that so much more seldom. */
    private static final int IDLE_POLLS = 10;

    /** Draining goes on at least so long while nothing succeeds. */
    private static final Duration HOPELESS = Duration.ofSeconds(2);

    private final Settings settings;
    private final Globs globs;
    private final Map<Object, TailedFile> files = new ConcurrentHashMap<>();
    private final Descriptors descriptors;
    private final Set<Path> unreadable = new HashSet<>();
    private final Checkpoint checkpoint;
    private final BirthTimes births = new BirthTimes();
    private final Archives archives;
    private final Folders folders;
    private final Lineage lineage;
    private final Workers workers;
    private final WallClock wallClock;

    private long tick;

    /** When a file was last seen to have grown, and how often that was. Scan thread only. */
    private long lastGrowth = System.nanoTime();

    private long grown;
    private Thread scanner;
    private volatile boolean stopped;
    private volatile boolean started;

    /**
     * @param shippers makes one for each worker
     */
    public Tailer(
            Settings settings,
            Checkpoint checkpoint,
            Counts counts,
            Clock clock,
            Supplier<Shipper> shippers) {
        this.settings = settings;
        this.wallClock = new WallClock(clock);
        this.globs = new Globs(settings.include(), settings.exclude());
        this.checkpoint = checkpoint;
        this.descriptors = new Descriptors(settings.maxOpenFiles(), settings.workers());
        this.archives = new Archives(globs, births, checkpoint);
        this.folders = new Folders(globs.folders(), settings.folderBytes());
        this.lineage = new Lineage(checkpoint, counts, files.values());
        this.workers = new Workers(settings, shippers);
    }

    /** Starts the scan and the workers. */
    public void start() {
        workers.start();
        scanner = Thread.ofPlatform().name("tail").daemon().start(this::run);
    }

    /** The files there are, sorted by path. */
    public List<TailedFile> files() {
        return files.values().stream()
                .sorted(Comparator.comparing(f -> f.path().toString()))
                .toList();
    }

    /**
     * The file of this name in one of the folders that are read, its links resolved; empty if it is
     * not one of those named or a link leads out of the folders. Any thread.
     *
     * @param name without a folder
     */
    public Optional<Path> named(String name) {
        for (Path folder : new TreeSet<>(folders())) {
            try {
                Path path = folder.resolve(name);
                if (path.endsWith(name)
                        && path.getParent().equals(folder)
                        && globs.names(path)
                        && globs.confines(path)
                        && Files.isRegularFile(path)) {
                    return Optional.of(path.toRealPath());
                }
            } catch (IOException | InvalidPathException e) {
                // It went meanwhile, or is no name of this system.
            }
        }
        return Optional.empty();
    }

    /** Whether the folders were looked at once. */
    public boolean started() {
        return started;
    }

    /** Whether the threads are all alive. */
    public boolean alive() {
        return !stopped && scanner.isAlive() && workers.alive();
    }

    private void run() {
        try (Watch watch = new Watch()) {
            Watch.News news = Watch.News.NONE;
            long scanned = System.nanoTime() - settings.rescanInterval().toNanos();
            boolean untold = false;
            while (!stopped) {
                long breath = BREATH.toNanos();
                boolean whole =
                        untold || news.more() || System.nanoTime() - scanned >= pause(watch);
                try {
                    if (whole || !glance(news.grown())) {
                        long before = grown;
                        untold = false;
                        scan();
                        scanned = System.nanoTime();
                        breath = settings.pollInterval().toNanos();
                        if (started && grown > before && news.none()) {
                            watch.expect();
                        }
                        untold = watch.follow(folders());
                    }
                } catch (RuntimeException e) {
                    LOG.log(Level.SEVERE, "the scan of the folders failed; it goes on", e);
                    scanned = System.nanoTime();
                }
                started = true;
                TimeUnit.NANOSECONDS.sleep(breath);
                long now = System.nanoTime();
                long left = scanned + pause(watch) - now;
                news = watch.await(untold ? 1 : Math.max(1, Math.min(left, due(now))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How long until all folders are looked at again, if nothing is told. */
    private long pause(Watch watch) {
        if (watch.sees()) {
            return settings.rescanInterval().toNanos();
        }
        long poll = settings.pollInterval().toNanos();
        boolean lively = System.nanoTime() - lastGrowth < LIVELY.toNanos();
        return lively ? poll : IDLE_POLLS * poll;
    }

    /** In how many nanoseconds a file with something unsent is to be looked at again. */
    private long due(long now) {
        long soonest = Long.MAX_VALUE;
        for (TailedFile file : files.values()) {
            if (!file.delivered()) {
                soonest = Math.min(soonest, workers.due(file, now));
            }
        }
        return soonest;
    }

    private Set<Path> folders() {
        Set<Path> folders = new HashSet<>(globs.folders());
        files.values().forEach(file -> folders.add(file.path().getParent()));
        return folders;
    }

    /**
     * Looks only at files that are known to have grown, or have something unsent.
     *
     * @return false if there is more to it than growth: then all is to be looked at
     */
    private synchronized boolean glance(Set<Path> told) {
        long now = System.nanoTime();
        Set<Path> strange = new HashSet<>(told);
        for (TailedFile file : files.values()) {
            boolean grew = strange.remove(file.path());
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
                        file.modified(Files.getLastModifiedTime(file.path()).toInstant(), now);
                    }
                }
                workers.offer(file, now);
            } catch (IOException e) {
                return false;
            }
        }
        return strange.stream().noneMatch(globs::names);
    }

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
    private synchronized void scan() {
        tick++;
        long now = System.nanoTime();
        wallClock.look();
        lineage.begin();
        list(now);
        if (files.values().stream().noneMatch(file -> file.content instanceof GzipContent)) {
            archives.look(lineage.unclaimed(), now)
                    .ifPresent(file -> files.putIfAbsent(file.fileKey, file));
        }
        for (TailedFile file : files.values()) {
            if (file.seenTick != tick) {
                missing(file, now);
            }
            if (file.id().isEmpty() && file.size > 0 && !file.busy()) {
                lineage.prove(file);
            }
            lineage.settle(file, now);
            workers.offer(file, now);
        }
        lineage.expire(now);
        workers.tell(checkpoint.gaps(), now);
        folders.look(files.values(), now);
        descriptors.makeRoom(0, files.values());
    }

    private void list(long now) {
        List<Path> fresh = new ArrayList<>();
        for (Path path : globs.list(settings.maxFiles())) {
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
                    file.modified(attributes.lastModifiedTime().toInstant(), now);
                    // A quiet file whose descriptor was given back need not be opened to be seen.
                    boolean quiet = attributes.size() == file.size && !file.changed();
                    if (file.content.open() || (!quiet && !file.busy())) {
                        look(file, now);
                    }
                }
            } catch (IOException e) {
                // It went between the listing and the look.
            }
        }
        for (Path path : fresh) {
            try {
                welcome(path);
            } catch (IOException e) {
                if (unreadable.add(path)) {
                    LOG.log(
                            Level.WARNING,
                            "{0}: cannot be read ({1}); it is tried again",
                            new Object[] {path, e.toString()});
                }
            }
        }
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

    private void welcome(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        Object fileKey = attributes.fileKey();
        if (fileKey == null || files.containsKey(fileKey)) {
            return;
        }
        descriptors.makeRoom(1, files.values());
        Content content = new PlainContent(path, fileKey, descriptors);
        TailedFile file = new TailedFile(fileKey, births.key(path, attributes), path, content);
        file.seenTick = tick;
        file.modified = attributes.lastModifiedTime().toInstant();
        lineage.restore(file);
        file.size(content.size(), System.nanoTime() - wallClock.ageNanos(file.modified));
        content.spare(0);
        unreadable.remove(path);
        files.put(fileKey, file);
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
                now - Math.max(file.missingSinceNanos, file.lastGrowthNanos)
                        > MISSING_QUIET.toNanos();
        boolean done = file.copyOf != null || file.acked().offset() >= file.size;
        if (quiet && done && !file.busy() && file.note() == null) {
            files.remove(file.fileKey);
            file.content.release();
            lineage.ended(file);
        }
    }

    /**
     * Ships what there is, up to the ends of the files; gives up when the time is over, or when
     * every file that is left has failed twice since: the far end is down, and the files are the
     * queue.
     */
    public void drain(Duration grace) throws InterruptedException {
        long begun = System.nanoTime();
        long deadline = begun + grace.toNanos();
        workers.drain();
        if (!drained(begun, deadline)) {
            List<TailedFile> left = files.values().stream().filter(f -> !f.delivered()).toList();
            LOG.log(
                    Level.WARNING,
                    "stopped with {0} bytes of {1} files to be delivered: sent after the next start"
                            + " if the files are still there",
                    new Object[] {
                        left.stream().mapToLong(TailedFile::lagBytes).sum(), left.size()
                    });
        }
    }

    private boolean drained(long begun, long deadline) throws InterruptedException {
        while (System.nanoTime() - deadline < 0) {
            scan();
            boolean done =
                    files.values().stream().allMatch(f -> f.delivered() && !f.busy())
                            && checkpoint.gaps().isEmpty();
            boolean hopeless =
                    System.nanoTime() - begun > HOPELESS.toNanos()
                            && files.values().stream()
                                    .allMatch(f -> f.delivered() || f.failures() >= 2);
            if (done || hopeless) {
                return done;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return false;
    }

    /** Stops at once; what was not acknowledged is sent after the next start. */
    @Override
    public void close() {
        stopped = true;
        if (scanner != null) {
            scanner.interrupt();
            try {
                scanner.join(2000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        workers.close();
        files.values().forEach(file -> file.content.release());
    }
}
