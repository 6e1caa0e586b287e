package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A thousand live readers of the shipped service, as many as it lets in by default. */
class TailsIT {

    private static final int READERS = 1000;
    private static final long MIB = 1024;

    @TempDir Path directory;

    private static void readUntil(Socket socket, String wanted) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(wanted) < 0) {
            int next = socket.getInputStream().read();
            assertTrue(next >= 0, "it ended after: " + seen);
            seen.append((char) next);
        }
    }

    private static Socket tail(RunningCentral central) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), central.port());
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(
                        "GET /api/tail HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void holdsAThousandIdleReadersAndGivesEachWhatComes() throws Exception {
        List<Socket> readers = new ArrayList<>();
        try (RunningCentral central =
                new RunningCentral(directory, "-Dcentral.access.client-requests=100000")) {
            long before = central.status("VmRSS");
            for (int i = 0; i < READERS; i++) {
                readers.add(tail(central));
            }
            for (Socket reader : readers) {
                readUntil(reader, "event: position");
            }
            try (Socket oneMore = tail(central)) {
                readUntil(oneMore, "HTTP/1.1 429");
            }
            long perReader = (central.status("VmRSS") - before) / READERS;
            assertTrue(perReader < MIB / 4, perReader + " KiB of memory a reader");
            assertTrue(central.status("Threads") < 100, central.status("Threads") + " threads");
            assertEquals(
                    200,
                    central.post(
                                    OtlpRequests.request(
                                            OtlpRequests.logs("", OtlpRequests.record("for all"))),
                                    "Content-Type",
                                    "application/x-protobuf")
                            .statusCode());
            for (Socket reader : readers) {
                readUntil(reader, "for all");
            }
        } finally {
            for (Socket reader : readers) {
                reader.close();
            }
        }
    }
}
