package dev.pillion.ambassador;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server that lets everybody in, notes what it gets, and answers when told. */
final class ScriptedServer implements AutoCloseable {

    final BlockingQueue<String> startups = new LinkedBlockingQueue<>();
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<String> cancels = new LinkedBlockingQueue<>();
    private final BlockingQueue<Socket> sessions = new LinkedBlockingQueue<>();
    private final ServerSocket server;
    private final String inHotStandby;

    /** As before PostgreSQL 18, where 3.0 is all there is. */
    volatile boolean older;

    ScriptedServer(String inHotStandby) throws IOException {
        this.inHotStandby = inHotStandby;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(server, this::serve));
    }

    int port() {
        return server.getLocalPort();
    }

    void dropSessions() throws IOException {
        Socket session = sessions.poll();
        while (session != null) {
            session.close();
            session = sessions.poll();
        }
    }

    void answer() throws IOException {
        for (Socket session : sessions) {
            if (!session.isClosed()) {
                session.getOutputStream().write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
            }
        }
    }

    /** Serves whoever comes, each on a thread of its own, until the socket is closed. */
    static void accept(ServerSocket server, Consumer<Socket> serve) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve.accept(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int length = in.readInt();
            ByteBuffer body = ByteBuffer.wrap(in.readNBytes(length - 4));
            int code = body.getInt();
            if (code == RawClient.CANCEL_REQUEST) {
                cancels.add(body.getInt() + " " + (char) body.get());
                return;
            }
            String[] parts =
                    new String(body.array(), 4, length - 10, StandardCharsets.ISO_8859_1)
                            .split("\0", -1);
            StringBuilder startup = new StringBuilder().append(code);
            for (int i = 0; i + 1 < parts.length; i += 2) {
                startup.append(' ').append(parts[i]).append('=').append(parts[i + 1]);
            }
            startups.add(startup.toString());
            ByteArrayOutputStream welcome = new ByteArrayOutputStream();
            if (older) {
                welcome.writeBytes(new byte[] {'v', 0, 0, 0, 12, 0, 3, 0, 0, 0, 0, 0, 0});
            }
            welcome.writeBytes(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
            byte[] status =
                    ("in_hot_standby\0" + inHotStandby + "\0").getBytes(StandardCharsets.US_ASCII);
            welcome.writeBytes(
                    ByteBuffer.allocate(5 + status.length)
                            .put((byte) 'S')
                            .putInt(4 + status.length)
                            .put(status)
                            .array());
            welcome.writeBytes(new byte[] {'K', 0, 0, 0, 12, 0, 0, 0, 77, 'k', 'e', 'y', '1'});
            welcome.writeBytes(new byte[] {'Z', 0, 0, 0, 5, 'I'});
            sessions.add(socket);
            socket.getOutputStream().write(welcome.toByteArray());
            while (true) {
                int type = in.read();
                if (type < 0) {
                    // Half closed: what is answered now must still arrive.
                    LinkedBlockingQueue<String> never = new LinkedBlockingQueue<>();
                    never.poll(5, TimeUnit.SECONDS);
                    return;
                }
                in.readNBytes(in.readInt() - 4);
                messages.add(String.valueOf((char) type));
                if (type == 'X') {
                    return;
                }
            }
        } catch (IOException | InterruptedException | RuntimeException ended) {
            // the test is over, or has sent nonsense on purpose
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        dropSessions();
    }
}
