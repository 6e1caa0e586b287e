package dev.pillion.adapter.tail;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.ship.Shipper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The threads that ship: {@code adapter.workers} of them, a file in the hands of one at a time.
 * Each has a {@link Shipper} of its own. The queue holds a file once at most, so it is bounded by
 * {@code adapter.max-files}.
 *
 * @see Shipper the next stage
 */
final class Workers implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Workers.class.getName());

    private static final long FAULT_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Settings settings;
    private final Supplier<Shipper> shippers;
    private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
    private final Set<Gap> telling = ConcurrentHashMap.newKeySet();
    private volatile long tellNotBefore = System.nanoTime();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean draining;
    private volatile boolean stopped;

    /** What a worker does next. */
    private interface Task {
        void run(Shipper shipper) throws InterruptedException;
    }

    Workers(Settings settings, Supplier<Shipper> shippers) {
        this.settings = settings;
        this.shippers = shippers;
    }

    void start() {
        for (int i = 0; i < settings.workers(); i++) {
            threads.add(Thread.ofPlatform().name("ship #" + (i + 1)).daemon().start(this::work));
        }
    }

    /** From now on files end where they end: a line without its end is whole. */
    void drain() {
        draining = true;
    }

    /** Gives the file to a worker if there may be something to send; called by the scan alone. */
    boolean offer(TailedFile file, long now) {
        if (file.busy() || file.copyOf != null || now - file.notBeforeNanos() < 0) {
            return false;
        }
        if (file.note() == null && file.size <= file.acked().offset()) {
            return false;
        }
        Framer.Tail tail = tail(file, now);
        if (file.note() == null && tail == Framer.Tail.OPEN && gathering(file, now)) {
            return false;
        }
        if (file.note() == null
                && file.triedSize() == file.size
                && file.triedTail() >= tail.certainty()) {
            return false;
        }
        file.busy(true);
        queue.add(shipper -> ship(shipper, file));
        return true;
    }

    /** Whether more may join the batch before it is full or old enough. */
    private boolean gathering(TailedFile file, long now) {
        return file.lagBytes() < settings.batchBytes() && untilAged(file, now) > 0;
    }

    /** How long until the batch is old enough. */
    private long untilAged(TailedFile file, long now) {
        return file.unsentSinceNanos + settings.batchAge().toNanos() - now;
    }

    /**
     * In how many nanoseconds a file with something unsent is to be looked at again: when its batch
     * is old enough or what it ends with is whole, and at each poll.
     */
    long due(TailedFile file, long now) {
        long poll = settings.pollInterval().toNanos();
        long barred = file.notBeforeNanos() - now;
        if (file.busy() || barred > 0) {
            return Math.max(poll, barred);
        }
        long quiet = settings.quietTime().toNanos() - file.quietNanos(now);
        long aged = file.triedSize() == file.size ? quiet : untilAged(file, now);
        long next = Math.min(quiet > 0 ? quiet : poll, aged > 0 ? aged : poll);
        return Math.min(poll, next);
    }

    /** Has losses told, each by one worker, again after a pause if it must be. */
    void tell(List<Gap> gaps, long now) {
        for (Gap gap : gaps) {
            if (now - tellNotBefore >= 0 && telling.add(gap)) {
                queue.add(shipper -> tell(shipper, gap));
            }
        }
    }

    private void tell(Shipper shipper, Gap gap) throws InterruptedException {
        boolean told = false;
        try {
            told = shipper.tell(gap);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0}: a gap cannot be told: {1}", new Object[] {gap.path(), e});
        } finally {
            if (!told) {
                tellNotBefore = System.nanoTime() + settings.retryMax().toNanos() / 2;
            }
            telling.remove(gap);
        }
    }

    private Framer.Tail tail(TailedFile file, long now) {
        long quiet = file.quietNanos(now);
        if (draining || file.content.settled() || quiet >= settings.partialLineTime().toNanos()) {
            return Framer.Tail.CLOSED;
        }
        return quiet >= settings.quietTime().toNanos() ? Framer.Tail.QUIET : Framer.Tail.OPEN;
    }

    private void work() {
        try (Shipper shipper = shippers.get()) {
            while (!stopped) {
                Task task = queue.poll(1, TimeUnit.SECONDS);
                if (task != null) {
                    task.run(shipper);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Turn after turn while nobody else waits; otherwise the file queues up again. */
    private void ship(Shipper shipper, TailedFile file) throws InterruptedException {
        boolean more = turn(shipper, file) && !stopped;
        while (more && queue.isEmpty()) {
            more = turn(shipper, file) && !stopped;
        }
        file.content.spare(0);
        if (more) {
            queue.add(next -> ship(next, file));
        } else {
            file.busy(false);
        }
    }

    /** Whether there may be more at once. */
    private boolean turn(Shipper shipper, TailedFile file) throws InterruptedException {
        Shipper.Turn turn = Shipper.Turn.FAILED;
        boolean first = file.acked().offset() == 0;
        try {
            turn = shipper.ship(file, tail(file, System.nanoTime()));
        } catch (RuntimeException e) {
            file.failed(e.toString(), System.nanoTime() + FAULT_PAUSE_NANOS);
            LOG.log(Level.SEVERE, file.path() + ": a fault of the adapter", e);
        }
        if (turn == Shipper.Turn.CHANGED) {
            file.contentChanged();
        }
        if (first && turn == Shipper.Turn.DELIVERED) {
            sayIfMisread(file);
        }
        return turn == Shipper.Turn.DELIVERED && file.acked().offset() < file.size;
    }

    private void sayIfMisread(TailedFile file) {
        if (settings.charsets().misreads(file.path(), file.head())) {
            LOG.log(
                    Level.WARNING,
                    "{0}: begins as UTF-16 does, and is read as {1}: name it in adapter.charset"
                            + " ({2}=UTF-16)",
                    new Object[] {
                        file.path(), settings.charsets().of(file.path()), file.path().getFileName()
                    });
        }
    }

    boolean alive() {
        return !stopped && threads.stream().allMatch(Thread::isAlive);
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
                return;
            }
        }
    }
}
