package dev.pillion.adapter.parse;

import dev.pillion.adapter.detect.AccessLogs;
import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Header;
import dev.pillion.adapter.detect.Layout;
import dev.pillion.adapter.detect.Logfmts;
import dev.pillion.adapter.detect.Role;
import dev.pillion.adapter.detect.Severity;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.frame.Scan;

/**
 * Turns the bytes of one record into a {@link ParsedRecord}. Never fails: what the dialect does not
 * explain is the body, as it stands. Owned by one thread.
 */
public final class RecordParser {

    private static final byte[] THREAD_NAME = ParsedRecord.key("thread.name");
    private static final byte[] PROCESS_PID = ParsedRecord.key("process.pid");
    private static final byte[] HOST_NAME = ParsedRecord.key("host.name");
    private static final byte[] PROCESS_NAME = ParsedRecord.key("process.executable.name");
    private static final byte[] HEADER_FIELD = ParsedRecord.key("log.header.field");
    private static final byte[] METHOD = ParsedRecord.key("http.request.method");
    private static final byte[] PATH = ParsedRecord.key("url.path");
    private static final byte[] QUERY = ParsedRecord.key("url.query");
    private static final byte[] VERSION = ParsedRecord.key("network.protocol.version");
    private static final byte[] STATUS = ParsedRecord.key("http.response.status_code");
    private static final byte[] SIZE = ParsedRecord.key("http.response.body.size");
    private static final byte[] CLIENT = ParsedRecord.key("client.address");
    private static final byte[] USER = ParsedRecord.key("user.name");
    private static final byte[] REFERRER = ParsedRecord.key("http.request.header.referer");
    private static final byte[] AGENT = ParsedRecord.key("user_agent.original");

    private final Header header = new Header();
    private final int[] access = new int[AccessLogs.FIELDS];
    private final Fields fields = new Fields();
    private final JsonReader json = new JsonReader(fields);
    private Way way = this::plain;
    private Dialect dialect;
    private Layout layout;
    private Stamp stamp;

    /** How the records of a dialect are taken apart. */
    private interface Way {
        void parse(byte[] b, int from, int to, boolean oneLine, ParsedRecord out);
    }

    /**
     * From now on records are of this file.
     *
     * @param stamp the file's zone and reference time
     */
    public void use(Dialect dialect, Stamp stamp) {
        this.stamp = stamp;
        if (dialect == this.dialect) {
            return;
        }
        this.dialect = dialect;
        way =
                switch (dialect) {
                    case Dialect.Pattern pattern -> {
                        layout = pattern.layout();
                        yield this::layout;
                    }
                    case Dialect.Json ignored -> this::json;
                    case Dialect.Logfmt ignored -> this::logfmt;
                    case Dialect.AccessLog ignored -> this::access;
                    case Dialect.Plain ignored -> this::plain;
                };
    }

    /** Parses a record of those that were framed in {@code bytes}. */
    public void parse(byte[] bytes, Framer framed, int record, ParsedRecord out) {
        out.clear();
        int end = framed.end(record);
        int from = Scan.textFrom(bytes, framed.start(record), end);
        int to = Scan.textTo(bytes, from, end);
        way.parse(bytes, from, to, framed.oneLine(record), out);
    }

    private void plain(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        out.recognised = true;
        body(b, from, to, oneLine, out);
    }

    private void json(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        fields.begin(out, stamp);
        out.recognised = json.read(b, from, to, out);
        if (out.recognised) {
            fields.finish();
        } else {
            out.clear();
        }
        if (!out.body.present()) {
            out.body.set(b, from, to);
        }
    }

    private void layout(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        layout.match(b, from, to, stamp, header);
        if (!header.timed()) {
            body(b, from, to, oneLine, out);
            return;
        }
        out.recognised = header.complete();
        out.timeNanos = stamp.epochNanos();
        if (header.has(Role.LEVEL)) {
            int f = header.from(Role.LEVEL);
            int t = header.to(Role.LEVEL);
            out.severity = Severity.ofWordOrLetter(b, f, t);
            out.severityText.set(b, f, t);
        }
        if (header.has(Role.LOGGER)) {
            out.scope.set(b, header.from(Role.LOGGER), header.to(Role.LOGGER));
        }
        if (header.has(Role.THREAD)) {
            out.add(THREAD_NAME, b, header.from(Role.THREAD), header.to(Role.THREAD));
        }
        if (header.has(Role.PID)) {
            out.add(PROCESS_PID, number(b, header.from(Role.PID), header.to(Role.PID)));
        }
        if (header.has(Role.HOST)) {
            out.add(HOST_NAME, b, header.from(Role.HOST), header.to(Role.HOST));
        }
        if (header.has(Role.APP)) {
            out.add(PROCESS_NAME, b, header.from(Role.APP), header.to(Role.APP));
        }
        if (header.has(Role.OTHER)) {
            out.add(HEADER_FIELD, b, header.from(Role.OTHER), header.to(Role.OTHER));
        }
        int message = header.messageFrom();
        if (header.complete() && message >= to && layout.elements().size() == 1) {
            // Nothing but a stamp, as date(1) writes it: the stamp is the message.
            message = from;
        }
        body(b, message, to, oneLine, out);
    }

    /** Body, its line ends as \n, and what its stack trace tells. */
    private static void body(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        if (oneLine || Scan.newline(b, from, to) == to) {
            out.body.set(b, from, to);
            return;
        }
        int start = from;
        int end = to;
        byte[] array = b;
        boolean returns = false;
        for (int i = from; i < to && !returns; i++) {
            returns = b[i] == '\r';
        }
        if (returns) {
            out.reserve(to - from);
            array = out.scratch;
            start = out.scratchLength;
            int at = start;
            for (int i = from; i < to; i++) {
                if (b[i] != '\r' || (i + 1 < to && b[i + 1] != '\n')) {
                    array[at++] = b[i];
                }
            }
            end = at;
            out.scratchLength = at;
        }
        out.body.set(array, start, end);
        StackTraces.describe(array, start, end, out);
    }

    private void logfmt(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        fields.begin(out, stamp);
        int at = from;
        int pairs = 0;
        while (at < to) {
            int equals = Logfmts.keyEnd(b, at, to);
            if (equals < 0) {
                break;
            }
            int end = Logfmts.valueEnd(b, equals + 1, to);
            int valueFrom = equals + 1;
            if (valueFrom < end && b[valueFrom] == '"') {
                int valueTo = b[end - 1] == '"' && end - 1 > valueFrom ? end - 1 : end;
                int unescaped = Escapes.resolve(b, valueFrom + 1, valueTo, out);
                if (unescaped >= 0) {
                    fields.text(b, at, equals, out.scratch, unescaped, out.scratchLength);
                } else {
                    fields.text(b, at, equals, b, valueFrom + 1, valueTo);
                }
            } else {
                fields.bare(b, at, equals, b, valueFrom, end);
            }
            pairs++;
            at = end;
            while (at < to && b[at] == ' ') {
                at++;
            }
        }
        if (pairs == 0) {
            out.clear();
            body(b, from, to, oneLine, out);
            return;
        }
        out.recognised = at >= to;
        fields.finish();
        if (!out.body.present()) {
            body(b, from, to, oneLine, out);
        }
    }

    private void access(byte[] b, int from, int to, boolean oneLine, ParsedRecord out) {
        out.body.set(b, from, to);
        out.recognised = AccessLogs.match(b, from, to, access, stamp);
        if (!out.recognised) {
            return;
        }
        out.timeNanos = stamp.epochNanos();
        field(CLIENT, AccessLogs.HOST, b, out);
        field(USER, AccessLogs.USER, b, out);
        field(METHOD, AccessLogs.METHOD, b, out);
        int path = access[AccessLogs.PATH];
        if (path >= 0) {
            int end = access[AccessLogs.PATH + 1];
            int question = path;
            while (question < end && b[question] != '?') {
                question++;
            }
            out.add(PATH, b, path, question);
            if (question + 1 < end) {
                out.add(QUERY, b, question + 1, end);
            }
        }
        int protocol = access[AccessLogs.PROTOCOL];
        if (protocol >= 0) {
            int end = access[AccessLogs.PROTOCOL + 1];
            int slash = protocol;
            while (slash < end && b[slash] != '/') {
                slash++;
            }
            if (slash + 1 < end) {
                out.add(VERSION, b, slash + 1, end);
            }
        }
        out.add(STATUS, number(b, access[AccessLogs.STATUS], access[AccessLogs.STATUS + 1]));
        if (access[AccessLogs.SIZE] >= 0) {
            out.add(SIZE, number(b, access[AccessLogs.SIZE], access[AccessLogs.SIZE + 1]));
        }
        field(REFERRER, AccessLogs.REFERRER, b, out);
        field(AGENT, AccessLogs.AGENT, b, out);
    }

    private void field(byte[] key, int field, byte[] b, ParsedRecord out) {
        int from = access[field];
        int to = access[field + 1];
        if (from >= 0 && to > from && !(to == from + 1 && b[from] == '-')) {
            out.add(key, b, from, to);
        }
    }

    static long number(byte[] b, int from, int to) {
        long value = 0;
        for (int i = from; i < to && i < from + 18; i++) {
            if (b[i] < '0' || b[i] > '9') {
                break;
            }
            value = value * 10 + (b[i] - '0');
        }
        return value;
    }
}
