package dev.pillion.central.connect;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A WebSocket on which we speak and the client at most pings or ends (RFC 6455). Messages of the
 * client are read and dropped. Sending may be done from any thread.
 */
public final class WebSocket implements ServerConnection {

    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8A;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;
    private static final int MASK_BYTES = 4;
    private static final int LENGTH = 0x7F;
    private static final int MAX_SHORT = 125;
    private static final int LENGTH_16 = 126;
    private static final int MAX_16 = 0xFFFF;
    private static final int GOING_AWAY = 1001;
    private static final int PROTOCOL_ERROR = 1002;

    private final ConnectionContext connection;
    private final Speaker speaker;
    private volatile Thread speaking;
    private volatile boolean ended;

    /** Says what there is to say until it is interrupted or there is no more. */
    public interface Speaker {
        /**
         * @throws IOException if the client has gone
         * @throws InterruptedException if the client has gone, or the server stops
         */
        void speak(WebSocket socket) throws IOException, InterruptedException;
    }

    WebSocket(ConnectionContext connection, Speaker speaker) {
        this.connection = connection;
        this.speaker = speaker;
    }

    @Override
    public void handle(Limit limit) {
        speaking = Thread.currentThread();
        Connections.handled(connection.remotePeer().address(), true);
        Thread listening = Thread.ofVirtual().name("listens to a WebSocket").start(this::listen);
        try {
            speaker.speak(this);
            end(GOING_AWAY);
        } catch (IOException | UncheckedIOException e) {
            // The client has gone.
        } catch (InterruptedException e) {
            // The client has gone, or the server stops.
        } finally {
            ended = true;
            connection.serverSocket().close();
            listening.interrupt();
        }
    }

    /** Sends one message. */
    public void send(String text) throws IOException {
        frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Shows that we are there, and finds out whether the client is. */
    public void ping() throws IOException {
        frame(PING, new byte[0]);
    }

    private void end(int code) throws IOException {
        frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    private synchronized void frame(int head, byte[] payload) throws IOException {
        if (ended) {
            throw new IOException("the WebSocket has ended");
        }
        BufferData frame = BufferData.growing(payload.length + 10);
        frame.write(head);
        if (payload.length <= MAX_SHORT) {
            frame.write(payload.length);
        } else if (payload.length <= MAX_16) {
            frame.write(LENGTH_16);
            frame.writeInt16(payload.length);
        } else {
            frame.write(LENGTH);
            frame.writeInt32(0);
            frame.writeInt32(payload.length);
        }
        frame.write(payload);
        connection.dataWriter().writeNow(frame);
    }

    private void listen() {
        DataReader in = connection.dataReader();
        try {
            while (!ended) {
                int head = in.read() & 0xFF;
                int second = in.read() & 0xFF;
                int length = second & LENGTH;
                if (length == LENGTH_16) {
                    length = (in.read() & 0xFF) << 8 | (in.read() & 0xFF);
                }
                if ((second & MASKED) == 0 || length == LENGTH) {
                    // Unmasked, or longer than anybody has reason to send.
                    end(PROTOCOL_ERROR);
                    return;
                }
                byte[] mask = in.readBytes(MASK_BYTES);
                byte[] payload = in.readBytes(length);
                for (int i = 0; i < length; i++) {
                    payload[i] ^= mask[i % MASK_BYTES];
                }
                if ((head & OPCODE) == (PING & OPCODE)) {
                    frame(PONG, payload);
                } else if ((head & OPCODE) == (CLOSE & OPCODE)) {
                    frame(CLOSE, payload);
                    return;
                }
            }
        } catch (IOException
                | UncheckedIOException
                | DataReader.InsufficientDataAvailableException e) {
            // Gone.
        } finally {
            ended = true;
            speaking.interrupt();
        }
    }

    @Override
    public Duration idleTime() {
        // Pings find out whether the client is there.
        return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
        ended = true;
        Thread thread = speaking;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
