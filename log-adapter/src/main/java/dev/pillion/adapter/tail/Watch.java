package dev.pillion.adapter.tail;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Waits until the file system tells of a change (inotify), or a time is over. Where it cannot tell
 * (no instance left, a folder that is not there, a network file system) {@link #sees} is false, and
 * whoever asks has to look by himself. Owned by the scan thread.
 */
final class Watch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Watch.class.getName());

    /** So often growth may go untold before nothing more is expected of this file system. */
    private static final int UNTOLD_LIMIT = 3;

    /**
     * What was told.
     *
     * @param grown files that were written to
     * @param more whether something else happened: a file came or went, or events were lost
     */
    record News(Set<Path> grown, boolean more) {
        static final News NONE = new News(Set.of(), false);

        boolean none() {
            return grown.isEmpty() && !more;
        }
    }

    private final WatchService service;
    private final Map<Path, WatchKey> folders = new HashMap<>();
    private boolean complete;
    private boolean expecting;
    private int untold;

    Watch() {
        WatchService made = null;
        try {
            made = FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            LOG.log(
                    Level.INFO,
                    "no inotify instance ({0}): files are looked at every adapter.poll-interval",
                    e.toString());
        }
        service = made;
    }

    /** Whether all that happens in the folders is told. */
    boolean sees() {
        return service != null && complete && untold < UNTOLD_LIMIT;
    }

    /**
     * The folders to be told of from now on; those known already go on.
     *
     * @return whether there is a new one: what happened in it until now is not told
     */
    boolean follow(Set<Path> wanted) {
        if (service == null) {
            return false;
        }
        boolean more = false;
        complete = true;
        for (Path folder : wanted) {
            WatchKey key = folders.get(folder);
            if (key == null || !key.isValid()) {
                try {
                    folders.put(
                            folder,
                            folder.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY));
                    more = true;
                } catch (IOException e) {
                    complete = false; // not there yet, or no watch is left
                }
            }
        }
        folders.entrySet()
                .removeIf(
                        entry -> {
                            boolean gone = !wanted.contains(entry.getKey());
                            if (gone) {
                                entry.getValue().cancel();
                            }
                            return gone;
                        });
        return more;
    }

    /** A look found growth: the file system should be about to tell of it. */
    void expect() {
        expecting = true;
    }

    /** Waits for news, at most so long. */
    News await(long nanos) throws InterruptedException {
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(nanos);
            return News.NONE;
        }
        WatchKey key = service.poll(nanos, TimeUnit.NANOSECONDS);
        judge(key != null);
        if (key == null) {
            return News.NONE;
        }
        Set<Path> grown = new HashSet<>();
        boolean more = false;
        for (; key != null; key = service.poll()) {
            Path folder = (Path) key.watchable();
            for (WatchEvent<?> event : key.pollEvents()) {
                if (event.kind() == ENTRY_MODIFY) {
                    grown.add(folder.resolve((Path) event.context()));
                } else {
                    more = true;
                }
            }
            more |= !key.reset();
        }
        return new News(grown, more);
    }

    private void judge(boolean told) {
        if (told) {
            untold = 0;
        } else if (expecting && untold < UNTOLD_LIMIT) {
            untold++;
            if (untold == UNTOLD_LIMIT) {
                LOG.info(
                        "the file system does not tell of changes: files are looked at every"
                                + " adapter.poll-interval");
            }
        }
        expecting = false;
    }

    @Override
    public void close() {
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                // Nobody waits on it any more.
            }
        }
    }
}
