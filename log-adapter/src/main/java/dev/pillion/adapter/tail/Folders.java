package dev.pillion.adapter.tail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Says what an operator must know of the folders: that one cannot be listed, that they are nearly
 * full. Each is said once, and that it is over. Used by the scan thread alone.
 */
final class Folders {

    private static final Logger LOG = Logger.getLogger(Folders.class.getName());

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Nearly full above this share of {@code adapter.folder-bytes}; well again below the other. */
    private static final double NEARLY_FULL = 0.8;

    private static final double WELL_AGAIN = 0.7;

    private final List<Path> folders;
    private final long limit;
    private final Set<Path> unlisted = new HashSet<>();
    private boolean nearlyFull;
    private long lookedNanos = System.nanoTime() - PAUSE_NANOS;

    /**
     * @param limit bytes that the folders may hold together; 0 if nobody knows
     */
    Folders(List<Path> folders, long limit) {
        this.folders = List.copyOf(new HashSet<>(folders));
        this.limit = limit;
    }

    void look(Collection<TailedFile> files, long now) {
        if (now - lookedNanos < PAUSE_NANOS) {
            return;
        }
        lookedNanos = now;
        for (Path folder : folders) {
            if (Files.isDirectory(folder) && Files.isReadable(folder)) {
                if (unlisted.remove(folder)) {
                    LOG.log(Level.INFO, "{0}: is there again", folder);
                }
            } else if (unlisted.add(folder)) {
                LOG.log(
                        Level.WARNING,
                        "{0}: cannot be listed; is it mounted, and may this user read it?",
                        folder);
            }
        }
        if (limit > 0) {
            fill(files.stream().mapToLong(TailedFile::size).sum());
        }
    }

    private void fill(long bytes) {
        if (!nearlyFull && bytes > limit * NEARLY_FULL) {
            nearlyFull = true;
            LOG.log(
                    Level.WARNING,
                    "{0} bytes are in the folders, {1} is the limit: rotate sooner, delete delivered files, or the pod is evicted",
                    new Object[] {bytes, limit});
        } else if (nearlyFull && bytes < limit * WELL_AGAIN) {
            nearlyFull = false;
            LOG.log(Level.INFO, "{0} bytes are in the folders: well below the limit", bytes);
        }
    }
}
