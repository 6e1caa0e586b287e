package dev.pillion.ambassador.settings;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Says when a mount may have changed: woken by inotify where that works, and looking by itself
 * every interval where it does not (a directory that appears later, a network file system). One
 * thread, {@code mount-watch}, which also runs the callback; closing ends it.
 */
public final class MountWatch implements AutoCloseable {

    private final List<Mount> mounts;
    private final Duration interval;
    private final Runnable changed;
    private final WatchService service;
    private final Map<Mount, WatchKey> watched = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param mounts what to watch
     * @param interval longest time until a change is seen
     * @param changed called on the watching thread, one call at a time; must not throw
     * @throws IOException if the system has no more watches to give
     */
    public MountWatch(List<Mount> mounts, Duration interval, Runnable changed) throws IOException {
        this.mounts = List.copyOf(mounts);
        this.interval = interval;
        this.changed = changed;
        this.service = FileSystems.getDefault().newWatchService();
        this.thread = Thread.ofPlatform().daemon().name("mount-watch").unstarted(this::watch);
    }

    /**
     * Starts to watch.
     *
     * @param seen what {@link #stamp} said before the configuration in use was read, so that a
     *     change in between is not missed
     */
    public void start(String seen) {
        lastSeen = seen;
        thread.start();
    }

    private String lastSeen = "";

    /** What the mounts look like now. */
    public String stamp() {
        StringBuilder stamp = new StringBuilder();
        for (Mount mount : mounts) {
            stamp.append(mount.stamp()).append('\u0000');
        }
        return stamp.toString();
    }

    private void watch() {
        while (!closed) {
            String now = stamp();
            if (!now.equals(lastSeen)) {
                lastSeen = now;
                changed.run();
            }
            awaitEvent();
        }
    }

    private void awaitEvent() {
        try {
            register();
            WatchKey key = service.poll(interval.toMillis(), TimeUnit.MILLISECONDS);
            while (key != null) {
                key.pollEvents();
                key.reset();
                key = service.poll();
            }
        } catch (InterruptedException | ClosedWatchServiceException end) {
            closed = true;
        }
    }

    private void register() {
        try {
            for (Mount mount : mounts) {
                WatchKey key = watched.get(mount);
                if ((key == null || !key.isValid()) && Files.isDirectory(mount.directory())) {
                    watched.put(
                            mount,
                            mount.directory()
                                    .register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY));
                }
            }
        } catch (IOException noWatch) {
            // Looking every interval is what is left; it is enough.
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            service.close();
        } catch (IOException ignored) {
            // nothing is lost with a watch that cannot be closed
        }
    }
}
