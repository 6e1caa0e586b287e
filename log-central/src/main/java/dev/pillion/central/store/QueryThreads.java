package dev.pillion.central.store;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

/**
 * The threads that questions are answered on. A question may keep a core for seconds, and on a
 * request's virtual thread it would keep the few carrier threads that requests are taken in on: two
 * regular expressions made an acknowledgement take minutes. Platform threads get their share from
 * the system and no more.
 */
final class QueryThreads implements AutoCloseable {

    private final ExecutorService threads;

    private QueryThreads(ExecutorService threads) {
        this.threads = threads;
    }

    /** As many as there are questions at once; whoever asks bounds those. */
    static QueryThreads asMany(String name) {
        return new QueryThreads(Executors.newCachedThreadPool(named(name)));
    }

    /** So many; further questions wait. */
    static QueryThreads atMost(int count, String name) {
        return new QueryThreads(Executors.newFixedThreadPool(count, named(name)));
    }

    private static ThreadFactory named(String name) {
        return Thread.ofPlatform()
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .name(name + "-", 1)
                .factory();
    }

    /** Asks on one of the threads and waits for the answer. */
    <T> T ask(Deadline deadline, Callable<T> question) {
        try {
            return threads.submit(question).get();
        } catch (RejectedExecutionException e) {
            throw new QueryStopped(QueryStopped.Kind.TIME_OVER, "log-central is stopping");
        } catch (InterruptedException e) {
            deadline.cancel();
            Thread.currentThread().interrupt();
            throw new QueryStopped(QueryStopped.Kind.NOBODY_WAITS, "whoever asked has gone");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
