package dev.pillion.launcher.mount;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Plays kubelet's part on a machine without Kubernetes: what changes in a folder that a person
 * edits appears in the mounted directory all at once.
 *
 * <p>One virtual thread, woken once per period, ended by {@link #close}.
 */
public final class Kubelet implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(500);

    private final List<Projection> projections;
    private final Thread thread;

    /** Projects each folder once, then keeps doing so. */
    public Kubelet(List<Projection> projections) throws IOException {
        this.projections = List.copyOf(projections);
        for (Projection projection : this.projections) {
            projection.update();
        }
        this.thread = Thread.ofVirtual().name("kubelet").start(this::keepProjecting);
    }

    private void keepProjecting() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                projections.forEach(Kubelet::update);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private static void update(Projection projection) {
        try {
            projection.update();
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("not mounted: " + projection.edited() + ": " + e.getMessage());
        }
    }

    /** Stops projecting; what is mounted stays. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
