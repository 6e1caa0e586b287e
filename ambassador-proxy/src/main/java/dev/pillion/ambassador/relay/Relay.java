package dev.pillion.ambassador.relay;

import dev.pillion.ambassador.connect.Wire;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All loops; a session is given to the next in turn and stays there. Thread-safe. Closing ends
 * every session at once; {@link #drain} does it politely.
 */
public final class Relay implements AutoCloseable {

    private final List<RelayLoop> loops = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param threads how many loops; 1 or more
     * @throws IOException if the system has no more selectors to give
     */
    public Relay(int threads) throws IOException {
        for (int i = 1; i <= threads; i++) {
            loops.add(new RelayLoop("relay-" + i));
        }
        loops.forEach(RelayLoop::start);
    }

    /**
     * Takes over two wires for good.
     *
     * @param client and what it has sent early
     * @param upstream and what it has sent early
     * @param observer called on the loop from now on
     * @param halfClose longest time the session lives after one side has ended
     * @throws IOException if a channel is closed already; the observer is not called then
     */
    public void start(Wire client, Wire upstream, Observer observer, Duration halfClose)
            throws IOException {
        client.channel().configureBlocking(false);
        upstream.channel().configureBlocking(false);
        RelayLoop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
        loop.add(new Session(new End(client), new End(upstream), observer, halfClose.toNanos()));
    }

    /**
     * Lets sessions finish, then ends those that are or come between two transactions, and all of
     * them when the grace is over. Returns when none is left.
     *
     * @param idle how long sessions between two transactions are let alone
     * @param grace longest time to wait
     */
    public void drain(Duration idle, Duration grace) throws InterruptedException {
        long begun = System.nanoTime();
        long end = begun + grace.toNanos();
        loops.forEach(loop -> loop.drain(begun + idle.toNanos(), end));
        for (RelayLoop loop : loops) {
            loop.awaitEmpty(end + Duration.ofSeconds(1).toNanos());
        }
    }

    @Override
    public void close() {
        loops.forEach(RelayLoop::close);
    }
}
