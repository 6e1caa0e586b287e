package dev.pillion.adapter.tail;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;
import dev.pillion.adapter.ship.Shipper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Watches the folders: one thread looks at the files ({@link Inventory}) when {@link Watch} is told
 * of a change or a time is over, and {@link Workers} ship them.
 */
public final class Tailer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Tailer.class.getName());

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
    private final Checkpoint checkpoint;
    private final Workers workers;
    private final Inventory inventory;
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
        this.globs = new Globs(settings.include(), settings.exclude());
        this.checkpoint = checkpoint;
        this.workers = new Workers(settings, shippers);
        this.inventory = new Inventory(settings, globs, workers, checkpoint, counts, clock);
    }

    /** Starts the scan and the workers. */
    public void start() {
        workers.start();
        scanner = Thread.ofPlatform().name("tail").daemon().start(this::run);
    }

    /** The files there are, sorted by path. */
    public List<TailedFile> files() {
        return inventory.files().stream()
                .sorted(Comparator.comparing(f -> f.path().toString()))
                .toList();
    }

    /** How many files have something that is not delivered. Any thread. */
    public long waiting() {
        return inventory.files().stream().filter(file -> !file.delivered()).count();
    }

    /**
     * The file of this name in one of the folders that are read, its links resolved; empty if it is
     * not one of those named or a link leads out of the folders. Any thread.
     *
     * @param name without a folder
     */
    public Optional<Path> named(String name) {
        for (Path folder : new TreeSet<>(inventory.folders())) {
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
                    if (whole || !inventory.glance(news.grown())) {
                        long before = inventory.grown();
                        untold = false;
                        inventory.scan();
                        scanned = System.nanoTime();
                        breath = settings.pollInterval().toNanos();
                        if (started && inventory.grown() > before && news.none()) {
                            watch.expect();
                        }
                        untold = watch.follow(inventory.folders());
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
        boolean lively = System.nanoTime() - inventory.lastGrowth() < LIVELY.toNanos();
        return lively ? poll : IDLE_POLLS * poll;
    }

    /** In how many nanoseconds a file with something unsent is to be looked at again. */
    private long due(long now) {
        long soonest = Long.MAX_VALUE;
        for (TailedFile file : inventory.files()) {
            if (!file.delivered()) {
                soonest = Math.min(soonest, workers.due(file, now));
            }
        }
        return soonest;
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
            List<TailedFile> left = inventory.files().stream().filter(f -> !f.delivered()).toList();
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
            inventory.scan();
            boolean done =
                    inventory.files().stream().allMatch(f -> f.delivered() && !f.busy())
                            && !inventory.catchingUp()
                            && checkpoint.gaps().isEmpty();
            boolean hopeless =
                    System.nanoTime() - begun > HOPELESS.toNanos()
                            && inventory.files().stream()
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
        inventory.release();
    }
}
