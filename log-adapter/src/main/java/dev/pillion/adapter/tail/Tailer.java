package dev.pillion.adapter.tail;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;
import dev.pillion.adapter.ship.Shipper;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Watches the folders and gives each file that has something new to a worker. One scan thread finds
 * files and tells who they are; a few worker threads ship them, a file by one worker at a time.
 *
 * <p>Who a file is: device and inode while it is open here (an open file's inode is not used
 * again); after a restart also the hash of the bytes before the acknowledged offset. A file whose
 * content was replaced (copytruncate) begins a new identity; the copy, known by its content, goes
 * on with the old one and is read to its end.
 */
public final class Tailer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Tailer.class.getName());

    /** A file that vanished from the folders is closed after it was quiet for so long. */
    private static final Duration MISSING_QUIET = Duration.ofSeconds(3);

    /** How long the copy of a truncated file is looked for. */
    private static final Duration COPY_WAIT = Duration.ofSeconds(5);

    /** Draining goes on at least so long while nothing succeeds. */
    private static final Duration HOPELESS = Duration.ofSeconds(2);

    private static final int COMPARE_BYTES = 4096;

    private final Settings settings;
    private final Globs globs;
    private final Checkpoint checkpoint;
    private final Counts counts;
    private final Map<Object, TailedFile> files = new ConcurrentHashMap<>();
    private final Map<String, Orphan> orphans = new LinkedHashMap<>();
    private final Set<Path> unreadable = new HashSet<>();
    private final LinkedBlockingQueue<TailedFile> queue = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Supplier<Shipper> shippers;

    private long tick;

    /** Identities without a file, found once a scan if at all. */
    private List<Checkpoint.State> unclaimed;

    private volatile boolean draining;
    private volatile boolean stopped;
    private volatile boolean started;

    /** An identity whose file lost its content: the copy that has it is looked for. */
    private record Orphan(Checkpoint.State state, Path path, long knownSize, long sinceNanos) {}

    public Tailer(
            Settings settings, Checkpoint checkpoint, Counts counts, Supplier<Shipper> shippers) {
        this.settings = settings;
        this.globs = new Globs(settings.include(), settings.exclude());
        this.checkpoint = checkpoint;
        this.counts = counts;
        this.shippers = shippers;
    }

    /** Starts the scan and the workers. */
    public void start() {
        for (int i = 0; i < settings.workers(); i++) {
            threads.add(Thread.ofPlatform().name("ship #" + (i + 1)).daemon().start(this::work));
        }
        threads.add(Thread.ofPlatform().name("tail").daemon().start(this::run));
    }

    /** The files there are, sorted by path. */
    public List<TailedFile> files() {
        return files.values().stream()
                .sorted(java.util.Comparator.comparing(f -> f.path().toString()))
                .toList();
    }

    /** Whether the folders were looked at once. */
    public boolean started() {
        return started;
    }

    /** Whether the threads are all alive. */
    public boolean alive() {
        return !stopped && threads.stream().allMatch(Thread::isAlive);
    }

    private void run() {
        long pause = settings.pollInterval().toNanos();
        long longest = 4 * pause;
        long lastWork = System.nanoTime();
        while (!stopped) {
            boolean busy = false;
            try {
                busy = scan();
            } catch (RuntimeException e) {
                LOG.log(Level.SEVERE, "the scan of the folders failed; it goes on", e);
            }
            started = true;
            long now = System.nanoTime();
            if (busy) {
                lastWork = now;
            }
            long sleep = now - lastWork < 2_000_000_000L ? pause : longest;
            try {
                TimeUnit.NANOSECONDS.sleep(sleep);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    // ---- who is who

    /** Looks at the folders once; returns whether something was given to the workers. */
    private synchronized boolean scan() {
        tick++;
        long now = System.nanoTime();
        List<Path> fresh = new ArrayList<>();
        for (Path path : globs.list(settings.maxFiles())) {
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(path, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    continue;
                }
                TailedFile file = files.get(attributes.fileKey());
                if (file == null) {
                    fresh.add(path);
                } else if (file.seenTick != tick) {
                    seen(file, path, attributes, now);
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
        unclaimed = null;
        boolean given = false;
        for (TailedFile file : files.values()) {
            if (file.seenTick != tick) {
                missing(file, now);
            }
            if (file.id().isEmpty() && file.size > 0 && !file.busy()) {
                prove(file);
            }
            given |= offer(file, now);
        }
        orphans.values().removeIf(orphan -> gone(orphan, now));
        return given;
    }

    private void seen(TailedFile file, Path path, BasicFileAttributes attributes, long now) {
        file.seenTick = tick;
        file.path = path;
        file.missing = false;
        long size = attributes.size();
        if (!file.busy()) {
            var note = file.note();
            if (file.changed()
                    || size < file.acked().offset()
                    || (note != null && size < note.to())) {
                replaced(file, now);
            }
        }
        if (size != file.size) {
            file.lastGrowthNanos = now;
            file.size = size;
        }
        file.modified = attributes.lastModifiedTime().toInstant();
    }

    /** The file has another content now: its identity is free for whoever has the old one. */
    private void replaced(TailedFile file, long now) {
        if (!file.id().isEmpty()) {
            orphans.put(
                    file.id(),
                    new Orphan(
                            new Checkpoint.State(file.id(), file.key(), file.acked(), file.note()),
                            file.path(),
                            file.size,
                            now));
        }
        LOG.log(
                Level.INFO,
                "{0}: was truncated or replaced; it begins anew, the old content is looked for in a copy",
                file.path());
        file.renew();
        unclaimed = null;
        file.lastGrowthNanos = now;
    }

    private void welcome(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        Object key = attributes.fileKey();
        if (key == null || files.containsKey(key)) {
            return;
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        // A rename between the look and the opening would give one file's name to another's bytes.
        if (!key.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey())) {
            channel.close();
            return;
        }
        TailedFile file = new TailedFile(key, attributes.creationTime().toMillis(), path, channel);
        file.seenTick = tick;
        file.size = channel.size();
        file.modified = attributes.lastModifiedTime().toInstant();
        restore(file);
        unreadable.remove(path);
        files.put(key, file);
    }

    /** Takes up an identity known from before: by device and inode, or by content alone. */
    private boolean restore(TailedFile file) throws IOException {
        if (unclaimed == null) {
            Set<String> used = new HashSet<>();
            files.values().forEach(f -> used.add(f.id()));
            unclaimed = checkpoint.states().stream().filter(s -> !used.contains(s.id())).toList();
        }
        List<Checkpoint.State> candidates = new ArrayList<>();
        for (Checkpoint.State state : unclaimed) {
            if (state.key().equals(file.key())) {
                candidates.addFirst(state);
            } else if (state.acked().offset() > 0 || state.note() != null) {
                candidates.addLast(state);
            }
        }
        for (Checkpoint.State state : candidates) {
            boolean holds =
                    state.acked().holds(file.channel)
                            && (state.note() == null || state.note().end().holds(file.channel));
            if (holds && (state.acked().offset() > 0 || state.note() != null)) {
                file.restore(state.id(), state.acked(), state.note());
                file.head = Mark.read(file.channel, 0, Mark.WINDOW);
                unclaimed = null;
                orphans.remove(state.id());
                return true;
            }
        }
        return false;
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

    /** Its first batch is just being read: what its content was cannot be told from outside. */
    private static boolean undecided(TailedFile other) {
        return other.busy() && other.note() == null && other.acked().offset() == 0;
    }

    /** Whether the file has, at its place, what was last acknowledged or sent of the other. */
    private static boolean hasContentOf(TailedFile file, TailedFile other) throws IOException {
        Mark acked = other.acked();
        var note = other.note();
        return (acked.offset() > 0 && acked.holds(file.channel))
                || (note != null && note.end().holds(file.channel));
    }

    /** The file that this one may be a copy of, or null. */
    private TailedFile original(TailedFile file) throws IOException {
        byte[] head = Mark.read(file.channel, 0, Mark.WINDOW);
        for (TailedFile other : files.values()) {
            int common = Math.min(head.length, other.head.length);
            if (common > 0
                    && Arrays.equals(head, 0, common, other.head, 0, common)
                    && !other.equals(file)
                    && other.copyOf == null
                    && Objects.equals(other.path().getParent(), file.path().getParent())
                    && (undecided(other)
                            || sameBeginning(file, other)
                            || hasContentOf(file, other))) {
                return other;
            }
        }
        return null;
    }

    /**
     * Asks, before a file without an identity is read, whether it goes on with one: it may be the
     * copy of a file that was truncated, or is about to be.
     */
    private void prove(TailedFile file) {
        TailedFile before = file.copyOf;
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

    private void missing(TailedFile file, long now) {
        if (!file.missing) {
            file.missing = true;
            file.missingSinceNanos = now;
        }
        try {
            long size = file.channel.size();
            if (!file.busy() && file.changed()) {
                replaced(file, now);
            }
            if (size != file.size) {
                file.size = size;
                file.lastGrowthNanos = now;
            }
        } catch (IOException e) {
            // closed below once it is quiet
        }
        boolean quiet =
                now - Math.max(file.missingSinceNanos, file.lastGrowthNanos)
                        > MISSING_QUIET.toNanos();
        boolean done = file.copyOf != null || file.acked().offset() >= file.size;
        if (quiet && done && !file.busy() && file.note() == null) {
            files.remove(file.key);
            file.close();
        }
    }

    private boolean gone(Orphan orphan, long now) {
        if (now - orphan.sinceNanos() < COPY_WAIT.toNanos()) {
            return false;
        }
        long lost = Math.max(0, orphan.knownSize() - orphan.state().acked().offset());
        try {
            checkpoint.forget(orphan.state().id());
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

    // ---- work

    private boolean offer(TailedFile file, long now) {
        if (file.busy() || file.copyOf != null || now - file.notBeforeNanos() < 0) {
            return false;
        }
        if (file.note() == null && file.size <= file.acked().offset()) {
            return false;
        }
        Framer.Tail tail = tail(file, now);
        if (file.note() == null
                && file.triedSize() == file.size
                && file.triedTail() >= tail.certainty()) {
            return false;
        }
        if (file.head.length == 0) {
            try {
                file.head = Mark.read(file.channel, 0, Mark.WINDOW);
            } catch (IOException e) {
                return false;
            }
        }
        file.busy(true);
        queue.add(file);
        return true;
    }

    private Framer.Tail tail(TailedFile file, long now) {
        long quiet = file.quietNanos(now);
        if (draining || quiet >= settings.partialLineTime().toNanos()) {
            return Framer.Tail.CLOSED;
        }
        return quiet >= settings.quietTime().toNanos() ? Framer.Tail.QUIET : Framer.Tail.OPEN;
    }

    private void work() {
        try (Shipper shipper = shippers.get()) {
            while (!stopped) {
                TailedFile file = queue.poll(1, TimeUnit.SECONDS);
                if (file == null) {
                    continue;
                }
                Shipper.Turn turn = Shipper.Turn.FAILED;
                try {
                    turn = shipper.ship(file, tail(file, System.nanoTime()));
                } catch (RuntimeException e) {
                    file.failed(e.toString(), System.nanoTime() + 1_000_000_000L);
                    LOG.log(Level.SEVERE, file.path() + ": a fault of the adapter", e);
                }
                if (turn == Shipper.Turn.CHANGED) {
                    file.contentChanged();
                }
                if (turn == Shipper.Turn.DELIVERED && file.acked().offset() < file.size) {
                    queue.add(file);
                } else {
                    file.busy(false);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        draining = true;
        while (System.nanoTime() - deadline < 0) {
            scan();
            boolean done =
                    files.values().stream()
                            .allMatch(
                                    f ->
                                            f.copyOf != null
                                                    || (!f.busy() && f.acked().offset() >= f.size));
            boolean hopeless =
                    System.nanoTime() - begun > HOPELESS.toNanos()
                            && files.values().stream()
                                    .allMatch(
                                            f ->
                                                    f.copyOf != null
                                                            || f.acked().offset() >= f.size
                                                            || f.failures() >= 2);
            if (done || hopeless) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Stops at once; what was not acknowledged is sent after the next start. */
    @Override
    public void close() {
        stopped = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(2000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        files.values().forEach(TailedFile::close);
    }
}
