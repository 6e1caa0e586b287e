package dev.pillion.adapter.bench;

import com.github.luben.zstd.Zstd;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Takes OTLP requests and throws them away: HTTP/1.1 by hand, so that it costs next to nothing
 * beside what is measured. Says in each answer that it takes zstd. A thread a connection.
 */
final class FarEnd implements AutoCloseable {

    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nAccept-Encoding: zstd, gzip\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    final LongAdder requests = new LongAdder();
    final LongAdder bytes = new LongAdder();

    private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final Consumer<byte[]> received;

    /**
     * @param received is given each request's body, unpacked, before it is answered
     */
    FarEnd(Consumer<byte[]> received) throws IOException {
        this.received = received;
        Thread.ofPlatform().daemon().name("far end").start(this::accept);
    }

    String endpoint() {
        return "http://localhost:" + server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16)) {
            OutputStream out = socket.getOutputStream();
            while (!line(in).isEmpty()) {
                int length = 0;
                String encoding = "";
                for (String line = line(in); !line.isEmpty(); line = line(in)) {
                    String header = line.toLowerCase(Locale.ROOT);
                    if (header.startsWith("content-length:")) {
                        length = Integer.parseInt(header.substring(15).strip());
                    } else if (header.startsWith("content-encoding:")) {
                        encoding = header.substring(17).strip();
                    }
                }
                byte[] body = in.readNBytes(length);
                requests.increment();
                bytes.add(length);
                received.accept(unpack(body, encoding));
                out.write(ANSWER);
            }
        } catch (IOException e) {
            // The connection was cut; the adapter makes another.
        }
    }

    private static byte[] unpack(byte[] body, String encoding) throws IOException {
        return switch (encoding) {
            case "gzip" -> new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
            case "zstd" -> Zstd.decompress(body, (int) Zstd.getFrameContentSize(body));
            default -> body;
        };
    }

    /** A line without its end; empty as well at the end of all. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
