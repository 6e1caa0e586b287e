package dev.pillion.ambassador.relay;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a protocol wants to know of, and say in, a session that is being relayed. Called on the
 * session's loop only, so it needs no lock; must not block. One that knows nothing of what passes
 * needs to say no more than what becomes of the end.
 */
public interface Observer {

    /** Bytes from the client, about to go up. The buffer must be left as it is. */
    default void up(ByteBuffer bytes) {}

    /** Bytes from the upstream, about to go down. The buffer must be left as it is. */
    default void down(ByteBuffer bytes) {}

    /**
     * The upstream is gone while the client is still there.
     *
     * @param clientEnded whether the client has ended its half of the connection, so that the
     *     upstream may only have followed
     * @return what to tell the client; empty if it knows, or cannot be told at this place
     */
    default Optional<ByteBuffer> upstreamLost(boolean clientEnded) {
        return Optional.empty();
    }

    /**
     * The client has ended its half of the connection; asked about once a second from then on.
     *
     * @return something it may be sent to see whether it still listens; empty if that is not of
     *     interest, or nothing can be said at this place
     */
    default Optional<ByteBuffer> probeClient() {
        return Optional.empty();
    }

    /** The client has gone without a word; called once. */
    default void clientLost() {}

    /**
     * The process wants to end.
     *
     * @param insist false: only if the session is between transactions; true: whenever something
     *     can be said at all
     * @return the last words to the client if the session may be ended now
     */
    default Optional<ByteBuffer> drain(boolean insist) {
        return Optional.empty();
    }

    /**
     * The session is over; called once, last of all.
     *
     * @param ending how
     * @param bytesUp from the client, plain
     * @param bytesDown from the upstream, plain
     */
    void ended(Ending ending, long bytesUp, long bytesDown);

    /** How a session ended. */
    enum Ending {
        /** The client closed first. */
        CLIENT_CLOSED,
        /** The upstream closed first. */
        UPSTREAM_CLOSED,
        /** The client's connection broke. */
        CLIENT_LOST,
        /** The upstream's connection broke. */
        UPSTREAM_LOST,
        /** One side had ended and the other said nothing more for too long. */
        HALF_CLOSE_TIMEOUT,
        /** The process was told to stop. */
        DRAINED
    }
}
