package dev.pillion.ambassador.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How long the client at the other end of a connection keeps this one waiting. The connection's
 * thread says what it does, another may {@link #endIfLate}.
 */
final class Client {

    /** Which part of a request has a time as a whole. */
    enum Whole {
        /** From its first line to the end of its headers. */
        HEAD,
        /** To the end of its answer: where bodies are small. */
        EXCHANGE
    }

    private static final long NOT_NOW = 0;

    private final HelidonSocket socket;
    private final Whole whole;
    private final long limitNanos;

    /** Of the connection's thread. */
    private BooleanSupplier betweenRequests = () -> true;

    /** When the read or write began that is going on: {@link System#nanoTime()}. */
    private volatile long waitingSince = NOT_NOW;

    /** When the request began whose whole has not come to its end. */
    private volatile long requestSince = NOT_NOW;

    /**
     * @param limit how long the client may keep this one waiting for a request, for the whole of
     *     it, for more of a body, and before it takes more of an answer
     */
    Client(HelidonSocket socket, Whole whole, Duration limit) {
        this.socket = socket;
        this.whole = whole;
        this.limitNanos = limit.toNanos();
    }

    /** This read takes as long as the client lets it. */
    byte[] read(DataReader from) {
        if (betweenRequests.getAsBoolean()) {
            requestSince = NOT_NOW;
        }
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

    /**
     * @param betweenRequests whether what is read next is a new request
     */
    void handled(BooleanSupplier betweenRequests) {
        this.betweenRequests = betweenRequests;
    }

    void requestBegun() {
        requestSince = now();
    }

    void headEnded() {
        if (whole == Whole.HEAD) {
            requestSince = NOT_NOW;
        }
    }

    /** Ends the connection if the client is late: its thread has an exception from what it does. */
    void endIfLate() {
        if (late(waitingSince) || late(requestSince)) {
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
