package dev.pillion.adapter.show;

import dev.pillion.adapter.Service;
import dev.pillion.adapter.tail.TailedFile;

import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The exporter: raw files over HTTP, read-only, as the textbook's web server beside an application
 * does it. A name is served only if it is one of the files being read, so that no path leads out of
 * the folder.
 */
@Path("/")
public class ExportResource {

    private static final int CHUNK = 64 * 1024;

    private final Service service;

    @Inject
    public ExportResource(Service service) {
        this.service = service;
    }

    /**
     * A file's bytes, or one range of them (RFC 9110, section 14).
     *
     * @param name the file's name in its folder
     */
    @GET
    @Path("{name:(?!(?:metrics|health|openapi)$)[^/]+}") // these are the server's own
    public Response file(
            @PathParam("name") String name, @HeaderParam("Range") @DefaultValue("") String range)
            throws IOException {
        if (!service.exporting()) {
            return text(404, "adapter.role is not exporter\n");
        }
        Optional<TailedFile> found =
                service.adapter().tailer().files().stream()
                        .filter(f -> f.path().getFileName().toString().equals(name))
                        .findFirst();
        if (found.isEmpty()
                || !Files.isRegularFile(found.get().path(), LinkOption.NOFOLLOW_LINKS)) {
            return text(404, "no such file\n");
        }
        java.nio.file.Path path = found.get().path();
        long size = Files.size(path);
        long[] part = range.isEmpty() ? new long[] {0, size} : range(range, size);
        if (part.length == 0) {
            return Response.status(416).header("Content-Range", "bytes */" + size).build();
        }
        StreamingOutput body = out -> copy(path, part[0], part[1], out);
        Response.ResponseBuilder answer =
                Response.status(range.isEmpty() ? 200 : 206)
                        .entity(body)
                        .type("text/plain;charset=utf-8")
                        .header("Accept-Ranges", "bytes")
                        .header("Content-Length", part[1] - part[0])
                        .header("Content-Security-Policy", "default-src 'none'; sandbox")
                        .header("X-Content-Type-Options", "nosniff");
        if (!range.isEmpty()) {
            answer.header("Content-Range", "bytes " + part[0] + "-" + (part[1] - 1) + "/" + size);
        }
        return answer.build();
    }

    private static Response text(int status, String text) {
        return Response.status(status).type("text/plain").entity(text).build();
    }

    /** From and to (exclusive) of a single range; empty if it cannot be satisfied. */
    static long[] range(String header, long size) {
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})").matcher(header);
        if (!matcher.matches() || header.length() == "bytes=-".length()) {
            return new long[0];
        }
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

    private static void copy(java.nio.file.Path path, long from, long to, OutputStream out)
            throws IOException {
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
