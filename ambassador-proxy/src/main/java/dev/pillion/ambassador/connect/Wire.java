package dev.pillion.ambassador.connect;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * A blocking connection, plain or in TLS, for the login of a session: one thread, the session's.
 * After the login its channel, its engine and the bytes that came early go to the relay, and the
 * wire's buffers are garbage.
 *
 * @see dev.pillion.ambassador.relay.Relay the next hop
 */
public final class Wire implements Closeable {

    private static final int PLAIN_BUFFER_BYTES = 8 << 10;

    private final SocketChannel channel;
    private SSLEngine engine;

    /** From the socket, not yet decrypted; ready to be read from. */
    private ByteBuffer encrypted = ByteBuffer.allocate(0);

    /** Decrypted, not yet asked for; ready to be read from. */
    private ByteBuffer plain = ByteBuffer.allocate(PLAIN_BUFFER_BYTES).flip();

    /**
     * @param channel connected and blocking
     */
    public Wire(SocketChannel channel) {
        this.channel = channel;
    }

    /** The socket beneath. */
    public SocketChannel channel() {
        return channel;
    }

    /** The TLS engine; empty while plain. */
    public Optional<SSLEngine> engine() {
        return Optional.ofNullable(engine);
    }

    /** What came from the socket and is still encrypted, in whole or broken records. */
    public ByteBuffer earlyEncrypted() {
        return encrypted;
    }

    /** What was received but not asked for, decrypted. */
    public ByteBuffer earlyPlain() {
        return plain;
    }

    /**
     * Reads exactly one byte from the socket and no more, so that what follows an answer to
     * SSLRequest cannot be smuggled into the TLS session (CVE-2021-23222).
     *
     * @throws EOFException if the peer has ended
     */
    public int readSingleByte() throws IOException {
        if (engine != null || plain.hasRemaining()) {
            throw new IOException("the peer sent bytes nobody asked for");
        }
        ByteBuffer one = ByteBuffer.allocate(1);
        if (channel.read(one) < 0) {
            throw new EOFException("the peer closed the connection");
        }
        return one.get(0) & 0xff;
    }

    /**
     * Reads exactly {@code length} bytes.
     *
     * @throws EOFException if the peer ends before; its message says whether anything came
     */
    public byte[] read(int length) throws IOException {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            if (!plain.hasRemaining() && !fill()) {
                throw new EOFException("the peer closed the connection");
            }
            int count = Math.min(length - done, plain.remaining());
            plain.get(bytes, done, count);
            done += count;
        }
        return bytes;
    }

    /** Waits until a byte is there without taking it; false at the end of the stream. */
    public boolean await() throws IOException {
        return plain.hasRemaining() || fill();
    }

    /** Waits for the next byte without taking it; -1 at the end of the stream. */
    public int peek() throws IOException {
        return await() ? plain.get(plain.position()) & 0xff : -1;
    }

    /** Writes all of it. */
    public void write(byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        if (engine == null) {
            writeAll(source);
            return;
        }
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        while (source.hasRemaining()) {
            record.clear();
            SSLEngineResult result = engine.wrap(source, record);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new EOFException("the TLS session is closed");
            }
            writeAll(record.flip());
        }
    }

    /**
     * Turns the wire into TLS after it was agreed on in plain text.
     *
     * @param engine fresh, its mode set
     * @throws SSLException if the handshake fails, or plain bytes were smuggled in before it
     *     (CVE-2021-23214, CVE-2021-23222); the message says why
     */
    public void startTls(SSLEngine engine) throws IOException {
        if (plain.hasRemaining()) {
            throw new SSLException("plain bytes came before the handshake");
        }
        startDirectTls(engine);
    }

    /**
     * Turns the wire into TLS; what was received already is the beginning of the handshake.
     *
     * @param engine fresh, its mode set
     * @throws SSLException if the handshake fails; the message says why
     */
    public void startDirectTls(SSLEngine engine) throws IOException {
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        this.encrypted = ByteBuffer.allocate(packet).put(plain).flip();
        this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
        try {
            handshake();
        } catch (SSLException failed) {
            // The peer is told why; what we throw is more than it will hear.
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                wrapNothing();
            }
            throw failed;
        }
    }

    private void handshake() throws IOException {
        engine.beginHandshake();
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> wrapNothing();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap(true)) {
                        throw new EOFException("the peer closed the connection in the handshake");
                    }
                }
                case NEED_TASK -> runTasks(engine);
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private void wrapNothing() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        writeAll(out.flip());
    }

    /** Runs what an engine would rather have run elsewhere; the caller's thread will do. */
    public static void runTasks(SSLEngine engine) {
        Runnable task = engine.getDelegatedTask();
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private boolean fill() throws IOException {
        if (engine == null) {
            plain.clear();
            int count = channel.read(plain);
            plain.flip();
            return count > 0;
        }
        while (!plain.hasRemaining()) {
            if (!unwrap(false)) {
                return false;
            }
        }
        return true;
    }

    /** One record, reading from the socket if there is no whole one; false at the end. */
    private boolean unwrap(boolean handshaking) throws IOException {
        while (true) {
            plain.compact();
            SSLEngineResult result;
            try {
                result = engine.unwrap(encrypted, plain);
            } finally {
                plain.flip();
            }
            switch (result.getStatus()) {
                case OK -> {
                    if (!handshaking) {
                        afterUnwrap();
                    }
                    return true;
                }
                case BUFFER_UNDERFLOW -> {
                    encrypted.compact();
                    int count;
                    try {
                        count = channel.read(encrypted);
                    } finally {
                        encrypted.flip();
                    }
                    if (count < 0) {
                        return false;
                    }
                }
                case BUFFER_OVERFLOW -> throw new SSLException("a record larger than TLS allows");
                case CLOSED -> {
                    return false;
                }
            }
        }
    }

    /** A key update or a session ticket may want tasks run or an answer written. */
    private void afterUnwrap() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks(engine);
            status = engine.getHandshakeStatus();
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            wrapNothing();
        }
    }

    private void writeAll(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            channel.write(source);
        }
    }
}
