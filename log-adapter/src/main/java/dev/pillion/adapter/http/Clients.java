package dev.pillion.adapter.http;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Those who have a connection to one listener. Ends the connections of the late: a few who never go
 * on would hold all that there may be. Looks at them while there are any. Thread-safe.
 */
final class Clients {

    private static final long LOOK_EVERY_MILLIS = 250;

    private final Set<Client> open = ConcurrentHashMap.newKeySet();

    /** Guarded by this. */
    private boolean looking;

    void add(Client client) {
        open.add(client);
        synchronized (this) {
            if (!looking) {
                looking = true;
                lookSoon();
            }
        }
    }

    void remove(Client client) {
        open.remove(client);
    }

    private void lookSoon() {
        CompletableFuture.delayedExecutor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)
                .execute(this::look);
    }

    private void look() {
        try {
            open.forEach(Client::endIfLate);
        } finally {
            // Also after a socket that could not be closed: the others are still to be looked at.
            synchronized (this) {
                looking = !open.isEmpty();
                if (looking) {
                    lookSoon();
                }
            }
        }
    }
}
