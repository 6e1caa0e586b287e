package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What the process keeps in its memory, with the heap that the image gives it. */
class MemoryIT extends ShippedAmbassador {

    /** PostgreSQL's MaxAllocSize is 1 GB less a byte, for the message as for the value. */
    private static final int VALUE_BYTES = (1 << 30) - 1024;

    private static final int CHUNK_BYTES = 1 << 16;
    private static final int SLOW_READERS = 60;

    MemoryIT() throws IOException {}

    @Test
    void carriesAMessageOfAGigabyteEachWayInTheHeapOfTheImage() throws Exception {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(60_000);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.write(startup());
            skipTo('Z', in);

            byte[] parse = "\0select $1::bytea\0\0\0".getBytes(US_ASCII);
            out.writeByte('P');
            out.writeInt(4 + parse.length);
            out.write(parse);
            // Bind: no names, all parameters binary, one of them, all results binary.
            out.writeByte('B');
            out.writeInt(4 + 2 + 2 + 2 + 2 + 4 + VALUE_BYTES + 2 + 2);
            out.write(new byte[] {0, 0, 0, 1, 0, 1, 0, 1});
            out.writeInt(VALUE_BYTES);
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int sent = 0; sent < VALUE_BYTES; sent += CHUNK_BYTES) {
                out.write(numbered(chunk, sent), 0, Math.min(CHUNK_BYTES, VALUE_BYTES - sent));
            }
            out.write(new byte[] {0, 1, 0, 1});
            out.write(new byte[] {'E', 0, 0, 0, 9, 0, 0, 0, 0, 0});
            out.write(new byte[] {'S', 0, 0, 0, 4});

            assertEquals(4 + 2 + 4 + VALUE_BYTES, skipTo('D', in));
            assertEquals(1, in.readShort());
            assertEquals(VALUE_BYTES, in.readInt());
            byte[] back = new byte[CHUNK_BYTES];
            for (int received = 0; received < VALUE_BYTES; received += CHUNK_BYTES) {
                int length = Math.min(CHUNK_BYTES, VALUE_BYTES - received);
                in.readFully(back, 0, length);
                assertTrue(
                        Arrays.equals(back, 0, length, numbered(chunk, received), 0, length),
                        "differs after " + received);
            }
            skipTo('Z', in);
        }
        assertTrue(ambassador.isAlive(), said());
        long most = mostResidentKilobytes();
        assertTrue(most < 256 << 10, most + " KB");
    }

    /** 60 × 50 MB are meant for clients that do not read: 60 times the heap. */
    @Test
    void keepsABufferForASlowReaderAndNoMore() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (Connection watching = connect()) {
            for (int i = 0; i < SLOW_READERS; i++) {
                Socket socket = new Socket("localhost", port);
                slow.add(socket);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                socket.getOutputStream().write(startup());
                skipTo('Z', in);
                byte[] query =
                        "select repeat('x', 1000) from generate_series(1, 50000)\0"
                                .getBytes(US_ASCII);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeByte('Q');
                out.writeInt(4 + query.length);
                out.write(query);
                skipTo('D', in);
            }
            await(() -> waitingToWrite(watching) == SLOW_READERS);
            assertTrue(ambassador.isAlive(), said());
            long most = mostResidentKilobytes();
            assertTrue(most < 256 << 10, most + " KB");
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static int waitingToWrite(Connection watching) throws SQLException {
        try (ResultSet count =
                watching.createStatement()
                        .executeQuery(
                                "select count(*) from pg_stat_activity where wait_event ="
                                        + " 'ClientWrite'")) {
            assertTrue(count.next());
            return count.getInt(1);
        }
    }

    @Test
    void anIdleSessionKeepsNothingOfItsLogin() throws Exception {
        try (Connection one = connect();
                Connection other = connect()) {
            assertTrue(one.isValid(10) && other.isValid(10));
            // The threads of the logins may be a step behind their sessions.
            await(
                    () -> {
                        String objects = objects();
                        assertTrue(objects.contains("ambassador.relay.Session\n"), objects);
                        return !objects.contains("ambassador.connect.Wire\n")
                                && !objects.contains("ambassador.postgres.LoggedIn\n");
                    });
        }
    }

    /** A line for each class that has any, after a garbage collection. */
    private String objects() throws Exception {
        Program.Result objects =
                Program.run(
                        Map.of(),
                        "",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                ambassador.pid() + "",
                                "GC.class_histogram"));
        assertEquals(0, objects.exit(), objects.out());
        return objects.out();
    }

    private long mostResidentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + ambassador.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] startup() {
        byte[] parameters = "user\0legacy\0database\0orders\0\0".getBytes(US_ASCII);
        return ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(3 << 16)
                .put(parameters)
                .array();
    }

    /** Chunks differ, so that none can be lost, doubled or put elsewhere. */
    private static byte[] numbered(byte[] chunk, int number) {
        ByteBuffer.wrap(chunk).putInt(number);
        return chunk;
    }

    /** The length of the first message of that type; its body is still to be read, but for Z. */
    private static int skipTo(char type, DataInputStream in) throws IOException {
        while (true) {
            char next = (char) in.readUnsignedByte();
            int length = in.readInt();
            if (next == type && type != 'Z') {
                return length;
            }
            byte[] body = in.readNBytes(length - 4);
            assertTrue(next != 'E', () -> new String(body, UTF_8));
            if (next == type) {
                return length;
            }
        }
    }
}
