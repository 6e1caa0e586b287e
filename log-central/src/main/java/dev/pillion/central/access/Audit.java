package dev.pillion.central.access;

import dev.pillion.central.connect.Opening;
import dev.pillion.central.ingest.Json;

import io.helidon.http.HeaderNames;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/**
 * One line for each read: who, from where, what, how it ended, how much, how long (a deletion is
 * told by the store, under the same logger's name). JSON as the log's other lines; a person's query
 * is in it, a token never is.
 */
public final class Audit {

    private static final long NANOS_A_MILLI = 1_000_000;

    private final boolean reads;
    private final String userHeader;
    private final Clock clock;
    private final PrintStream out;

    /**
     * @param out where lines go: standard output, in the running service
     */
    public Audit(AccessSettings settings, Clock clock, PrintStream out) {
        this.reads = settings.audit();
        this.userHeader = settings.userHeader();
        this.clock = clock;
        this.out = out;
    }

    /**
     * Somebody read, or tried to.
     *
     * @param status the answer's; 499 if the reader left before
     * @param records how many were given
     * @param nanos how long it took
     */
    public void read(Grant grant, Opening request, int status, long records, long nanos) {
        if (!reads) {
            return;
        }
        StringBuilder line = begin();
        field("token", grant.name(), line);
        field("user", user(grant, request), line);
        field("from", grant.address(), line);
        field("what", request.path(), line);
        request.query().names().stream()
                .sorted()
                .forEach(name -> field(name, request.query().first(name).orElse(""), line));
        line.append(",\"status\":").append(status);
        line.append(",\"records\":").append(records);
        line.append(",\"millis\":").append(nanos / NANOS_A_MILLI);
        out.println(line.append('}'));
    }

    /** Who signed on here, or at the proxy in front. */
    private String user(Grant grant, Opening request) {
        return grant.user().isEmpty() && !userHeader.isEmpty()
                ? request.headers().first(HeaderNames.create(userHeader)).orElse("")
                : grant.user();
    }

    private StringBuilder begin() {
        return new StringBuilder(256)
                .append("{\"time\":\"")
                .append(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .append("\",\"level\":\"INFO\",\"logger\":\"audit\",\"message\":\"read\"");
    }

    private static void field(String name, String value, StringBuilder line) {
        if (!value.isEmpty()) {
            line.append(',');
            Json.quote(name, line);
            line.append(':');
            Json.quote(value, line);
        }
    }
}
