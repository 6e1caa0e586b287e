package dev.pillion.adapter.show;

import dev.pillion.adapter.Adapter;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The exporter: raw files over HTTP, read-only, as the textbook's web server beside an application
 * does it. A name is served only if the globs name it, and no link leads out of the folders.
 */
public final class ExportService implements HttpService {

    private static final int CHUNK = 64 * 1024;

    /** These are the server's own. */
    private static final Set<String> RESERVED = Set.of("metrics", "health");

    private static final Pattern RANGE = Pattern.compile("bytes=(?!-$)(\\d{0,18})-(\\d{0,18})");

    private final Adapter adapter;

    public ExportService(Adapter adapter) {
        this.adapter = adapter;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/{name}", this::file);
        rules.head("/{name}", this::file);
    }

    /** A file's bytes, or one range of them (RFC 9110, section 14), by its name in its folder. */
    private void file(ServerRequest request, ServerResponse response) throws IOException {
        String name = request.path().pathParameters().get("name");
        if (RESERVED.contains(name)) {
            response.next();
            return;
        }
        Optional<Path> found = adapter.tailer().named(name);
        if (found.isEmpty()) {
            response.status(Status.NOT_FOUND_404);
            response.header(HeaderNames.CONTENT_TYPE, "text/plain");
            response.send("no such file\n");
            return;
        }
        Path path = found.get();
        long size = Files.size(path);
        Optional<long[]> range =
                request.headers().first(HeaderNames.RANGE).flatMap(asked -> range(asked, size));
        long[] part = range.orElse(new long[] {0, size});
        if (part.length == 0) {
            response.status(Status.create(416));
            response.header(HeaderNames.CONTENT_RANGE, "bytes */" + size);
            response.send();
            return;
        }
        if (range.isPresent()) {
            response.status(Status.create(206));
            response.header(
                    HeaderNames.CONTENT_RANGE,
                    "bytes " + part[0] + "-" + (part[1] - 1) + "/" + size);
        }
        response.header(HeaderNames.CONTENT_TYPE, "text/plain;charset=utf-8");
        response.header(HeaderNames.ACCEPT_RANGES, "bytes");
        response.header("Content-Security-Policy", "default-src 'none'; sandbox");
        response.header("X-Content-Type-Options", "nosniff");
        response.headers().contentLength(part[1] - part[0]);
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send();
            return;
        }
        try (OutputStream out = response.outputStream()) {
            copy(path, part[0], part[1], out);
        }
    }

    /**
     * From and to (exclusive) of a single range, an array without them if it cannot be satisfied.
     * Any other header is for nobody: it may be ignored (RFC 9110, section 14.2).
     */
    static Optional<long[]> range(String header, long size) {
        Matcher matcher = RANGE.matcher(header);
        return matcher.matches() ? Optional.of(range(matcher, size)) : Optional.empty();
    }

    private static long[] range(Matcher matcher, long size) {
        if (matcher.group(1).isEmpty()) {
            long last = Long.parseLong(matcher.group(2));
            return last == 0 ? new long[0] : new long[] {Math.max(0, size - last), size};
        }
        long from = Long.parseLong(matcher.group(1));
        long to =
                matcher.group(2).isEmpty()
                        ? size
                        : Math.min(size, Long.parseLong(matcher.group(2)) + 1);
        return from >= size || to <= from ? new long[0] : new long[] {from, to};
    }

    private static void copy(Path path, long from, long to, OutputStream out) throws IOException {
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            long at = from;
            while (at < to) {
                buffer.clear().limit((int) Math.min(CHUNK, to - at));
                int read = channel.read(buffer, at);
                if (read < 0) {
                    // Truncated meanwhile: the length was promised, so the rest is blank lines.
                    buffer.clear();
                    read = (int) Math.min(CHUNK, to - at);
                    java.util.Arrays.fill(buffer.array(), 0, read, (byte) '\n');
                }
                out.write(buffer.array(), 0, read);
                at += read;
            }
        }
    }
}
