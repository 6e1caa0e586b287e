package dev.pillion.ambassador;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets everybody in and numbers its sessions from 1: the number is process id and parameter. */
final class NumberingServer implements AutoCloseable {

    final Map<Integer, String> startups = new ConcurrentSkipListMap<>();
    final Set<Integer> left = ConcurrentHashMap.newKeySet();
    final BlockingQueue<Integer> cancels = new LinkedBlockingQueue<>();

    /** Said before the next answer of each session, and by new ones in their welcome. */
    final Map<String, String> reported = new ConcurrentSkipListMap<>();

    volatile int room = Integer.MAX_VALUE;
    private final Map<Integer, Socket> sessions = new ConcurrentSkipListMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private volatile int silent;
    private volatile int standby;

    NumberingServer() throws IOException {
        Thread.ofVirtual().start(() -> ScriptedServer.accept(server, this::serve));
    }

    int port() {
        return server.getLocalPort();
    }

    int open() {
        return sessions.size();
    }

    boolean isOpen(int number) {
        return sessions.containsKey(number);
    }

    void killAllBut(int survivor) throws IOException {
        for (Map.Entry<Integer, Socket> session : sessions.entrySet()) {
            if (session.getKey() != survivor) {
                session.getValue().close();
            }
        }
    }

    void silenceAllUpTo(int number) {
        silent = number;
    }

    void standbyAllUpTo(int number) {
        standby = number;
    }

    private void serve(Socket socket) {
        int number = 0;
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            int length = in.readInt();
            byte[] packet = in.readNBytes(length - 4);
            ByteBuffer body = ByteBuffer.wrap(packet);
            int code = body.getInt();
            if (code == RawClient.CANCEL_REQUEST) {
                cancels.add(body.getInt());
                return;
            }
            if (sessions.size() >= room) {
                out.write(
                        message('E', "SFATAL\0VFATAL\0C53300\0Mno room\0\0".getBytes(ISO_8859_1)));
                return;
            }
            number = count.incrementAndGet();
            sessions.put(number, socket);
            startups.put(number, startup(code, packet));
            ByteArrayOutputStream welcome = new ByteArrayOutputStream();
            welcome.writeBytes(message('R', new byte[4]));
            welcome.writeBytes(status("session", String.valueOf(number)));
            welcome.writeBytes(status("in_hot_standby", "off"));
            welcome.writeBytes(status("TimeZone", "Etc/UTC"));
            welcome.writeBytes(
                    message('K', ByteBuffer.allocate(8).putInt(number).putInt(4711).array()));
            welcome.writeBytes(message('Z', new byte[] {'I'}));
            out.write(welcome.toByteArray());
            while (true) {
                int type = in.read();
                if (type < 0) {
                    return;
                }
                in.readNBytes(in.readInt() - 4);
                if (type == 'X') {
                    left.add(number);
                    return;
                }
                if (number > silent) {
                    ByteArrayOutputStream answer = new ByteArrayOutputStream();
                    reported.forEach((name, value) -> answer.writeBytes(status(name, value)));
                    if (number <= standby) {
                        answer.writeBytes(status("in_hot_standby", "on"));
                    }
                    if (type == 'Q') {
                        answer.writeBytes(
                                message('D', ByteBuffer.allocate(4).putInt(number).array()));
                    }
                    answer.writeBytes(message('Z', new byte[] {'I'}));
                    out.write(answer.toByteArray());
                }
            }
        } catch (IOException ended) {
            // killed, or the test is over
        } finally {
            sessions.remove(number);
        }
    }

    private static String startup(int code, byte[] packet) {
        String[] words = new String(packet, ISO_8859_1).substring(4).split("\0", -1);
        Map<String, String> sorted = new TreeMap<>();
        for (int i = 0; i + 1 < words.length && !words[i].isEmpty(); i += 2) {
            sorted.put(words[i], words[i + 1]);
        }
        StringBuilder text = new StringBuilder().append(code);
        sorted.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
        return text.toString();
    }

    private static byte[] status(String name, String value) {
        return message('S', (name + "\0" + value + "\0").getBytes(ISO_8859_1));
    }

    private static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket session : sessions.values()) {
            session.close();
        }
    }
}
