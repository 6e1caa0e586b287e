package dev.pillion.adapter.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;

import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * How long the client at the other end of a connection keeps this one waiting. The connection's
 * thread says what it does, another may {@link #endIfLate}.
 */
final class Client {

    private static final long NOT_NOW = 0;

    private final HelidonSocket socket;
    private final long limitNanos;

    /** When the read or write began that is going on: {@link System#nanoTime()}. */
    private volatile long waitingSince = NOT_NOW;

    /** When the request began whose headers have not come to their end. */
    private volatile long headSince = NOT_NOW;

    /**
     * @param limit how long the client may keep this one waiting for a request, for all of its
     *     headers, for more of a body, and before it takes more of an answer
     */
    Client(HelidonSocket socket, Duration limit) {
        this.socket = socket;
        this.limitNanos = limit.toNanos();
    }

    /** This read takes as long as the client lets it. */
    byte[] read(DataReader from) {
        waitingSince = now();
        try {
            return from.readBuffer().readBytes();
        } finally {
            waitingSince = NOT_NOW;
        }
    }

    /**
     * This write takes as long as the client lets it.
     *
     * @throws CloseConnectionException if the client has gone, of which Helidon makes no trace in
     *     the log
     */
    void write(Runnable write) {
        waitingSince = now();
        try {
            write.run();
        } catch (UncheckedIOException gone) {
            throw new CloseConnectionException("the client has gone", gone);
        } finally {
            waitingSince = NOT_NOW;
        }
    }

    void headBegun() {
        headSince = now();
    }

    void headEnded() {
        headSince = NOT_NOW;
    }

    /** Ends the connection if the client is late: its thread has an exception from what it does. */
    void endIfLate() {
        if (late(waitingSince) || late(headSince)) {
            socket.close();
        }
    }

    private boolean late(long since) {
        return since != NOT_NOW && System.nanoTime() - since > limitNanos;
    }

    private static long now() {
        long now = System.nanoTime();
        return now == NOT_NOW ? now - 1 : now;
    }
}
