package dev.pillion.adapter.tail;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps how many files are held open near {@code adapter.max-open-files}: those waiting for a
 * worker may be some more for a moment. A file that has lost its name is never closed: it could not
 * be opened again. Counted by any thread; a file is closed by the scan while no worker has it, or
 * by the worker that has it.
 */
final class Descriptors {

    private final int most;
    private final AtomicInteger held = new AtomicInteger();

    Descriptors(int most) {
        this.most = most;
    }

    /** A file was opened. */
    void taken() {
        held.incrementAndGet();
    }

    /** A file was closed. */
    void givenBack() {
        held.decrementAndGet();
    }

    /**
     * Gives back those that are too many: of delivered files first, of those longest quiet first.
     * Called by the scan.
     *
     * @param more so many are about to be taken
     * @param tick of this scan: who was seen in it still has its name
     */
    void makeRoom(int more, Collection<TailedFile> files, long tick) {
        if (held.get() + more <= most) {
            return;
        }
        List<TailedFile> open = files.stream().filter(f -> f.content.open()).toList();
        open.stream()
                .filter(f -> !f.busy() && !f.missing && f.seenTick == tick)
                .sorted(
                        Comparator.comparing((TailedFile f) -> !f.delivered())
                                .thenComparing(f -> f.lastGrowthNanos))
                .limit(Math.max(0, open.size() + more - most))
                .forEach(f -> f.content.release());
    }

    /** Gives back this one, which is in the caller's hands, if it is one too many. */
    void spare(TailedFile file) {
        if (held.get() > most && !file.missing) {
            file.content.release();
        }
    }

    /** How large it is now; of a file that was not open, none too many stays behind. */
    long size(TailedFile file) throws IOException {
        boolean open = file.content.open();
        long size = file.content.size();
        if (!open && !file.busy()) {
            spare(file);
        }
        return size;
    }
}
