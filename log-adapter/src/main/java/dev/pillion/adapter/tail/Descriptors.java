package dev.pillion.adapter.tail;

import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the files held open below {@code adapter.max-open-files}. So many less are kept open as may
 * be open besides for a turn or a look: who opens a file gives it back at its end if it is one too
 * many. A file that has lost its name is never given back: it could not be opened again, so one
 * that is deleted during its turn stays open even if it is one too many. Not counted is the
 * descriptor that {@link DataSeek} takes for a moment. Any thread.
 */
public final class Descriptors {

    /**
     * Besides one a worker: the file that the scan looks at, the one it is compared with, an
     * archive ({@link Archives} reads one at a time), and the file shown in the preview.
     */
    public static final int OTHERS = 4;

    private final int kept;
    private final AtomicInteger held = new AtomicInteger();

    /**
     * @param most at least {@code workers + OTHERS}
     */
    Descriptors(int most, int workers) {
        this.kept = most - workers - OTHERS;
    }

    /** A file was opened. */
    void taken() {
        held.incrementAndGet();
    }

    /** A file was closed. */
    void givenBack() {
        held.decrementAndGet();
    }

    /** Whether there are too many if so many more are opened. */
    boolean tooMany(int more) {
        return held.get() + more > kept;
    }

    /**
     * Gives back as many as are too many: of delivered files first, of those longest quiet first.
     * Called by the scan, which alone makes files busy.
     *
     * @param more so many are about to be opened
     */
    void makeRoom(int more, Collection<TailedFile> files) {
        if (tooMany(more)) {
            files.stream()
                    .filter(f -> f.content.open() && !f.busy())
                    .sorted(
                            Comparator.comparing((TailedFile f) -> !f.delivered())
                                    .thenComparing(f -> f.lastGrowthNanos))
                    .takeWhile(f -> tooMany(more))
                    .forEach(f -> f.content.spare(more));
        }
    }
}
