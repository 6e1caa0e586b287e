package dev.pillion.ambassador.relay;

import dev.pillion.ambassador.connect.Wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * One side of a session on its loop: a non-blocking channel, in TLS or not. What is kept between
 * two events is only what could not be used: the beginning of a TLS record, or bytes the socket
 * would not take. One thread, the loop's.
 */
final class End {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** More than the other side's bytes ever are: the rest are answers of TLS itself. */
    private static final int ANSWERS_BYTES = 2 * Buffers.BYTES;

    final SocketChannel channel;
    private final SSLEngine engine;
    SelectionKey key;

    /** Encrypted, not decrypted yet. */
    private ByteBuffer early;

    /** Decrypted before the relay began. */
    private ByteBuffer earlyPlain;

    /** Ready for the socket, which was full; empty when all is written. */
    private ByteBuffer unwritten = NOTHING;

    /** Nothing more comes from this end. */
    boolean inputEnded;

    /** Nothing more goes to this end. */
    boolean outputEnded;

    End(Wire wire) {
        this.channel = wire.channel();
        this.engine = wire.engine().orElse(null);
        this.early = copy(wire.earlyEncrypted());
        this.earlyPlain = copy(wire.earlyPlain());
    }

    boolean hasEarly() {
        return early.hasRemaining() || earlyPlain.hasRemaining();
    }

    boolean hasUnwritten() {
        return unwritten.hasRemaining();
    }

    /**
     * Whether the peer asks TLS for answers (key updates) and does not read them. It is not read
     * from then, lest they pile up.
     */
    boolean owesTooMuch() {
        return unwritten.remaining() > ANSWERS_BYTES;
    }

    /**
     * Reads what there is, up to a buffer.
     *
     * @return ready to be read from; lives in the loop's buffers until the next call on the loop;
     *     empty if there was nothing, or if the input has ended
     */
    ByteBuffer read(Buffers buffers) throws IOException {
        if (earlyPlain.hasRemaining()) {
            ByteBuffer first = earlyPlain;
            earlyPlain = NOTHING;
            return first;
        }
        if (engine == null) {
            ByteBuffer plain = buffers.plain.clear();
            if (channel.read(plain) < 0) {
                inputEnded = true;
            }
            return plain.flip();
        }
        ByteBuffer network = buffers.networkIn.clear();
        network.put(early);
        early = NOTHING;
        boolean ended = channel.read(network) < 0;
        network.flip();
        ByteBuffer plain = buffers.plain.clear();
        boolean more = true;
        while (more && !engine.isInboundDone()) {
            SSLEngineResult result = engine.unwrap(network, plain);
            HandshakeStatus wish = result.getHandshakeStatus();
            if (wish == HandshakeStatus.NEED_TASK) {
                Wire.runTasks(engine);
                wish = engine.getHandshakeStatus();
            }
            if (wish == HandshakeStatus.NEED_WRAP && !outputEnded) {
                send(NOTHING.duplicate(), buffers);
            }
            // Underflow: the rest of the record is still to come. Overflow: read on next time.
            more = result.getStatus() == SSLEngineResult.Status.OK && network.hasRemaining();
        }
        if (network.hasRemaining() && !engine.isInboundDone()) {
            early = copy(network);
        }
        inputEnded = ended || engine.isInboundDone();
        return plain.flip();
    }

    /** Whether a whole record may be waiting that no readable socket will tell of. */
    boolean mayHoldRecord() {
        return engine != null && early.hasRemaining() && !inputEnded;
    }

    /** Writes, and keeps what the socket would not take. The bytes are all consumed. */
    void send(ByteBuffer bytes, Buffers buffers) throws IOException {
        if (engine == null) {
            if (!hasUnwritten()) {
                channel.write(bytes);
            }
            keep(bytes);
            return;
        }
        do {
            ByteBuffer network = buffers.networkOut.clear();
            SSLEngineResult result;
            do {
                result = engine.wrap(bytes, network);
            } while (bytes.hasRemaining()
                    && result.getStatus() == SSLEngineResult.Status.OK
                    && network.remaining() >= engine.getSession().getPacketBufferSize());
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                bytes.position(bytes.limit());
            }
            network.flip();
            if (!hasUnwritten()) {
                channel.write(network);
            }
            keep(network);
        } while (bytes.hasRemaining());
    }

    /** Tries again what the socket would not take. */
    void flush() throws IOException {
        channel.write(unwritten);
        if (!unwritten.hasRemaining()) {
            unwritten = NOTHING;
        }
    }

    /** Tells the peer that nothing more comes; only when all is written. */
    void endOutput(Buffers buffers) throws IOException {
        if (outputEnded) {
            return;
        }
        outputEnded = true;
        if (engine != null) {
            engine.closeOutbound();
            ByteBuffer network = buffers.networkOut.clear();
            engine.wrap(NOTHING.duplicate(), network);
            channel.write(network.flip());
        }
        channel.shutdownOutput();
    }

    private void keep(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return;
        }
        ByteBuffer all = ByteBuffer.allocate(unwritten.remaining() + bytes.remaining());
        unwritten = all.put(unwritten).put(bytes).flip();
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return bytes.hasRemaining()
                ? ByteBuffer.allocate(bytes.remaining()).put(bytes).flip()
                : NOTHING;
    }
}
