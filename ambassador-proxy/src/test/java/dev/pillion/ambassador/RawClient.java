package dev.pillion.ambassador;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that speaks raw bytes. */
final class RawClient implements AutoCloseable {

    static final int CANCEL_REQUEST = 80877102;

    final Socket socket;
    final DataInputStream in;
    byte[] backendKey = new byte[0];

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void slowly(byte[] bytes) throws IOException {
        socket.setTcpNoDelay(true);
        for (byte one : bytes) {
            send(new byte[] {one});
        }
    }

    void startup(int version, String... parameters) throws IOException {
        send(startupPacket(version, parameters));
    }

    /** Type and body of the first message of that type. */
    String readUntil(char type) throws IOException {
        while (true) {
            char next = (char) in.readUnsignedByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            if (next == type) {
                return next + new String(body, StandardCharsets.UTF_8);
            }
        }
    }

    /** The types of all messages up to that one. */
    String readAllUntil(char type) throws IOException {
        StringBuilder types = new StringBuilder();
        while (true) {
            char next = (char) in.readUnsignedByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            types.append(next);
            if (next == 'K') {
                backendKey = body;
            }
            if (next == type) {
                return types.toString();
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static byte[] packet(int code) {
        return ByteBuffer.allocate(8).putInt(8).putInt(code).array();
    }

    static byte[] startupPacket(int version, String... parameters) {
        byte[] text =
                (String.join("\0", parameters) + "\0\0").getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + text.length)
                .putInt(8 + text.length)
                .putInt(version)
                .put(text)
                .array();
    }
}
