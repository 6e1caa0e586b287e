package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Scan;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One connection to the endpoint, one request at a time (HTTP/1.1, RFC 9112). Blocking; owned by
 * one worker, and cut off from outside when a request has taken too long.
 *
 * <p>By hand because the JDK's client copies each body through its pipeline of 16 KiB buffers: 1000
 * requests of 1.4 MB took it five times the CPU of this, side by side.
 */
final class HttpConnection implements AutoCloseable {

    /** Written at once: the JDK keeps a native buffer of this size for the thread. */
    private static final int WRITE_BYTES = 256 * 1024;

    /** Most bytes of an answer's head. */
    private static final int HEAD_LIMIT = 32 * 1024;

    /** Of an answer's head, looked at at once. */
    private static final int PIECE_BYTES = 128;

    /** An answer's body is read up to here. */
    private static final int BODY_LIMIT = 64 * 1024;

    /**
     * What was answered.
     *
     * @param headers names in lower case; of repeated ones the values joined by commas
     */
    @SuppressWarnings("ArrayRecordComponent") // made once a request, read by one thread
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private final Socket transport;
    private final OutputStream out;
    private final InputStream in;
    private volatile boolean reusable = true;

    /** When the exchange under way must have ended. */
    private volatile long deadlineNanos;

    private volatile boolean underWay;
    private volatile boolean late;

    /** Whether a look at the deadline is to come: one for many exchanges, not one for each. */
    private final AtomicBoolean watched = new AtomicBoolean();

    private int headBytes;

    /**
     * Connects to the first address of the host that answers.
     *
     * @param context for TLS, whose certificate must be the host's; null for none
     */
    HttpConnection(String host, int port, SSLContext context, Duration timeout) throws IOException {
        int millis = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
        transport = connect(host, port, millis);
        try {
            transport.setTcpNoDelay(true);
            transport.setSoTimeout(millis);
            Socket socket = context == null ? transport : secure(context, host, port);
            out = socket.getOutputStream();
            in = new BufferedInputStream(socket.getInputStream(), 4096);
        } catch (IOException e) {
            transport.close();
            throw e;
        }
    }

    private static Socket connect(String host, int port, int millis) throws IOException {
        IOException last = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            // A channel's socket: an interrupt ends what waits on it.
            Socket socket = SocketChannel.open().socket();
            try {
                socket.connect(new InetSocketAddress(address, port), millis);
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    private Socket secure(SSLContext context, String host, int port) throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(transport, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Whether another request can be sent. */
    boolean reusable() {
        return reusable && !transport.isClosed();
    }

    /**
     * Sends a request and reads its answer.
     *
     * @param head request line and headers with the empty line
     * @param length how much of {@code body} is sent
     * @throws IOException also when the time is over; the connection is of no more use then
     */
    Answer exchange(byte[] head, byte[] body, int length, Duration timeout) throws IOException {
        deadlineNanos = System.nanoTime() + timeout.toNanos();
        underWay = true;
        watch(timeout.toNanos());
        try {
            transport.setSoTimeout(0);
            IOException broken = null;
            try {
                out.write(head);
                for (int at = 0; at < length; at += WRITE_BYTES) {
                    out.write(body, at, Math.min(WRITE_BYTES, length - at));
                }
                out.flush();
            } catch (IOException e) {
                // Refused before all was sent: the answer may say why.
                broken = e;
            }
            try {
                Answer answer = answer();
                reusable = reusable && broken == null;
                return answer;
            } catch (IOException e) {
                throw broken == null ? e : broken;
            }
        } catch (IOException e) {
            reusable = false;
            if (late) {
                throw (IOException)
                        new SocketTimeoutException(
                                        "no answer within %.1f s"
                                                .formatted(timeout.toMillis() / 1e3))
                                .initCause(e);
            }
            throw e;
        } finally {
            underWay = false;
        }
    }

    private void watch(long nanos) {
        if (watched.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(this::look);
        }
    }

    private void look() {
        watched.set(false);
        if (underWay) {
            long left = deadlineNanos - System.nanoTime();
            if (left > 0) {
                watch(left);
            } else {
                late = true;
                close();
            }
        }
    }

    private Answer answer() throws IOException {
        int status;
        Map<String, String> headers = new HashMap<>();
        boolean persistent;
        do {
            headBytes = 0;
            String first = line();
            if (!first.startsWith("HTTP/1.") || first.length() < 12) {
                throw new IOException("the answer is not HTTP/1.1");
            }
            persistent = first.charAt(7) == '1';
            status = (int) number(first.substring(9, 12), 10);
            headers.clear();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.merge(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip(),
                            (a, b) -> a + "," + b);
                }
            }
        } while (status < 200);
        persistent &= !says(headers, "connection", "close");
        byte[] body = new byte[0];
        if (status != 204 && status != 304) {
            if (says(headers, "transfer-encoding", "chunked")) {
                body = chunks();
            } else if (headers.containsKey("content-length")) {
                long length = number(headers.get("content-length"), 10);
                body = in.readNBytes((int) Math.min(length, BODY_LIMIT));
                if (body.length < Math.min(length, BODY_LIMIT)) {
                    throw new EOFException("the answer was cut off");
                }
                persistent &= body.length == length;
            } else {
                body = in.readNBytes(BODY_LIMIT);
                persistent = false;
            }
        }
        reusable = persistent;
        return new Answer(status, Map.copyOf(headers), body);
    }

    private static boolean says(Map<String, String> headers, String name, String word) {
        return headers.getOrDefault(name, "").toLowerCase(Locale.ROOT).contains(word);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line();
            int semicolon = size.indexOf(';');
            long length = number(semicolon < 0 ? size : size.substring(0, semicolon), 16);
            if (length == 0) {
                while (!line().isEmpty()) {
                    // trailers
                }
                return body.toByteArray();
            }
            if (body.size() + length > BODY_LIMIT) {
                throw new IOException("the answer is too long");
            }
            byte[] chunk = in.readNBytes((int) length);
            if (chunk.length < length || !line().isEmpty()) {
                throw new EOFException("the answer was cut off");
            }
            body.writeBytes(chunk);
        }
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(text.strip(), radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IOException("the answer has '" + text + "' for a number");
    }

    /** Piece by piece: a call a byte took a twentieth of the data path's CPU. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(64);
        byte[] piece = new byte[PIECE_BYTES];
        while (true) {
            in.mark(PIECE_BYTES);
            int read = in.read(piece);
            if (read < 0) {
                throw new EOFException("the connection was closed before the answer's end");
            }
            int end = Scan.newline(piece, 0, read);
            headBytes += end;
            if (headBytes > HEAD_LIMIT) {
                throw new IOException("the answer's head is too long");
            }
            line.write(piece, 0, end);
            if (end < read) {
                in.reset();
                in.skipNBytes(end + 1);
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
        }
    }

    /** Cuts the connection; what waits on it ends with an exception. Any thread. */
    @Override
    public void close() {
        reusable = false;
        try {
            transport.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }
}
