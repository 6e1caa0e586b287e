package dev.pillion.ambassador.relay;

import dev.pillion.ambassador.relay.Observer.Ending;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Optional;

/** Two ends and what goes between them. One thread, the loop's. */
final class Session {

    /** Reads in a row before other sessions have their turn. */
    private static final int READS_A_TURN = 8;

    /** From so many bytes on that one side sent without a word from the other, it is a stream. */
    private static final long STREAM_BYTES = 1 << 20;

    final End client;
    final End upstream;
    private final Observer observer;
    private final long halfCloseNanos;
    private long bytesUp;
    private long bytesDown;
    private End speaker;
    private long bytesWithoutAnswer;

    /** By whoever ended first; null while neither has. */
    private Ending ending;

    private long halfClosedAt;
    private boolean over;

    Session(End client, End upstream, Observer observer, long halfCloseNanos) {
        this.client = client;
        this.upstream = upstream;
        this.observer = observer;
        this.halfCloseNanos = halfCloseNanos;
    }

    boolean over() {
        return over;
    }

    /**
     * Whether one side sends much and the other only listens: nobody waits for each piece of it.
     */
    boolean streaming() {
        return bytesWithoutAnswer >= STREAM_BYTES;
    }

    /** The selector says that one of the ends can be read or written. */
    void ready(End end, Buffers buffers) {
        if (over) {
            return;
        }
        End other = end == client ? upstream : client;
        boolean writable = end.key.isWritable();
        boolean readable = end.key.isReadable();
        try {
            if (writable && end.hasUnwritten()) {
                end.flush();
            }
        } catch (IOException broken) {
            broken(end, buffers);
            return;
        }
        // Only what became possible is tried: a read that finds nothing costs as much as a write.
        if ((!writable || move(other, end, buffers)) && (!readable || move(end, other, buffers))) {
            settle();
        }
    }

    /** Moves what came before the relay began. */
    void begin(Buffers buffers) {
        if (!over && move(client, upstream, buffers) && move(upstream, client, buffers)) {
            settle();
        }
    }

    /**
     * After bytes were moved: whether the session is half or wholly over, and what it waits for.
     */
    private void settle() {
        if (halfClosedAt == 0 && (client.inputEnded || upstream.inputEnded)) {
            halfClosedAt = System.nanoTime();
        }
        if (client.inputEnded
                && upstream.inputEnded
                && client.outputEnded
                && upstream.outputEnded) {
            end(ending);
            return;
        }
        interest(client, upstream);
        interest(upstream, client);
    }

    /** Called about once a second. */
    void tick(long now, Buffers buffers) {
        if (!over && client.inputEnded && !client.outputEnded && !client.hasUnwritten()) {
            try {
                Optional<ByteBuffer> probe = observer.probeClient();
                if (probe.isPresent()) {
                    client.send(probe.get(), buffers);
                }
            } catch (IOException vanished) {
                broken(client, buffers);
            }
        }
        if (!over && halfClosedAt != 0 && now - halfClosedAt > halfCloseNanos) {
            end(Ending.HALF_CLOSE_TIMEOUT);
        }
    }

    /** Ends the session if it can be ended politely now. */
    void drain(boolean insist, Buffers buffers) {
        if (over || client.hasUnwritten()) {
            return;
        }
        Optional<ByteBuffer> words = observer.drain(insist);
        if (words.isPresent()) {
            tell(words.get(), buffers);
            end(Ending.DRAINED);
        }
    }

    void end(Ending how) {
        if (over) {
            return;
        }
        over = true;
        close(client);
        close(upstream);
        observer.ended(how, bytesUp, bytesDown);
    }

    /** False if the session ended meanwhile. */
    private boolean move(End from, End to, Buffers buffers) {
        for (int turn = 0; turn < READS_A_TURN; turn++) {
            if (mayNotRead(from, to)) {
                break;
            }
            ByteBuffer bytes;
            try {
                bytes = from.read(buffers);
            } catch (IOException broken) {
                broken(from, buffers);
                return false;
            }
            if (from.inputEnded && ending == null) {
                ending = from == client ? Ending.CLIENT_CLOSED : Ending.UPSTREAM_CLOSED;
            }
            if (bytes.hasRemaining()) {
                boolean full = bytes.remaining() >= Buffers.BYTES;
                bytesWithoutAnswer = bytes.remaining() + (from == speaker ? bytesWithoutAnswer : 0);
                speaker = from;
                if (from == client) {
                    bytesUp += bytes.remaining();
                    observer.up(bytes);
                } else {
                    bytesDown += bytes.remaining();
                    observer.down(bytes);
                }
                try {
                    to.send(bytes, buffers);
                } catch (IOException broken) {
                    broken(to, buffers);
                    return false;
                }
                if (!full && !from.inputEnded && !from.mayHoldRecord() && !from.hasEarly()) {
                    break;
                }
            } else if (!from.inputEnded) {
                break;
            }
        }
        if (from.inputEnded && !to.outputEnded && !to.hasUnwritten()) {
            try {
                if (from == upstream) {
                    Optional<ByteBuffer> words = observer.upstreamLost(client.inputEnded);
                    if (words.isPresent()) {
                        to.send(words.get(), buffers);
                    }
                }
                to.endOutput(buffers);
            } catch (IOException broken) {
                broken(to, buffers);
                return false;
            }
        }
        return true;
    }

    private void broken(End end, Buffers buffers) {
        if (end == upstream) {
            observer.upstreamLost(client.inputEnded).ifPresent(words -> tell(words, buffers));
            end(ending == null ? Ending.UPSTREAM_LOST : ending);
        } else {
            if (!upstream.inputEnded) {
                observer.clientLost();
            }
            end(ending == null ? Ending.CLIENT_LOST : ending);
        }
    }

    private void tell(ByteBuffer words, Buffers buffers) {
        try {
            if (!client.hasUnwritten()) {
                client.send(words, buffers);
                client.endOutput(buffers);
            }
        } catch (IOException unheard) {
            // the client has gone as well
        }
    }

    private static void interest(End end, End other) {
        int interest =
                (end.hasUnwritten() ? SelectionKey.OP_WRITE : 0)
                        | (mayNotRead(end, other) ? 0 : SelectionKey.OP_READ);
        if (end.key.isValid() && end.key.interestOps() != interest) {
            end.key.interestOps(interest);
        }
    }

    private static boolean mayNotRead(End from, End to) {
        return from.inputEnded || to.hasUnwritten() || from.owesTooMuch();
    }

    private static void close(End end) {
        try {
            end.channel.close();
        } catch (IOException ignored) {
            // nothing more is expected of it
        }
    }
}
