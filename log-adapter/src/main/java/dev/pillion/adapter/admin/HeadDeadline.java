package dev.pillion.adapter.admin;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends a connection whose request has begun and whose headers do not come to their end: Helidon's
 * time for idle connections is the one between requests, and a few who never finish theirs would
 * hold all connections that there may be. Thread-safe.
 */
final class HeadDeadline implements Http1ConnectionListener {

    private static final long LOOK_EVERY_MILLIS = 250;

    private final long limitNanos;

    /** Whose headers are coming, and since when. */
    private final Map<ConnectionContext, Long> coming = new ConcurrentHashMap<>();

    /** Whether a look at them is to come: one for many requests, not one for each. */
    private final AtomicBoolean watched = new AtomicBoolean();

    /**
     * @param limit for so long headers may take after a request's first line; a little more goes by
     *     before that is noticed
     */
    HeadDeadline(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
        coming.put(connection, System.nanoTime());
        watch();
    }

    @Override
    public void headers(ConnectionContext connection, Headers headers) {
        coming.remove(connection);
    }

    private void watch() {
        if (watched.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::look);
        }
    }

    private void look() {
        long now = System.nanoTime();
        coming.forEach(
                (connection, since) -> {
                    if (now - since > limitNanos && coming.remove(connection, since)) {
                        connection.serverSocket().close();
                    }
                });
        watched.set(false);
        if (!coming.isEmpty()) {
            watch();
        }
    }
}
