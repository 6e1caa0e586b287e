package dev.pillion.adapter.parse;

import java.nio.charset.StandardCharsets;

/**
 * Finds a Java stack trace behind a message and tells it as OpenTelemetry's {@code exception.*}.
 *
 * <p>The body keeps the whole text as {@code Throwable.printStackTrace} writes it. Where a library
 * has a notation of its own (logback's "common frames omitted", Tomcat's indented trace) the body
 * is the message alone, and the trace stands in {@code exception.stacktrace} only.
 */
final class StackTraces {

    private static final byte[] TYPE = ParsedRecord.key("exception.type");
    private static final byte[] MESSAGE = ParsedRecord.key("exception.message");
    private static final byte[] TRACE = ParsedRecord.key("exception.stacktrace");
    private static final byte[] OMITTED =
            "common frames omitted".getBytes(StandardCharsets.US_ASCII);

    private StackTraces() {}

    static void describe(byte[] b, int from, int to, ParsedRecord out) {
        // The first frame: a line "\tat …".
        int frame = -1;
        for (int i = from; i + 4 < to; i++) {
            if (b[i] == '\n' && atFrame(b, i + 1, to)) {
                frame = i + 1;
                break;
            }
        }
        if (frame < 0) {
            return;
        }
        // Before it the exception's own line or lines: the last one that begins with a class name.
        int line = frame - 1;
        int head = -1;
        int typeEnd = -1;
        while (line > from) {
            int start = line - 1;
            while (start >= from && b[start] != '\n') {
                start--;
            }
            start++;
            int indent = start;
            while (indent < line && (b[indent] == '\t' || b[indent] == ' ')) {
                indent++;
            }
            int end = className(b, indent, line);
            if (end > 0) {
                head = indent;
                typeEnd = end;
                break;
            }
            if (start == from) {
                // "message: java.lang.X: text" on the record's first line, as WildFly has it.
                int inline = inlineType(b, from, line);
                if (inline >= 0) {
                    head = inline;
                    typeEnd = className(b, inline, line);
                }
                break;
            }
            line = start - 1;
        }
        if (head < 0) {
            return;
        }
        out.add(TYPE, b, head, typeEnd);
        int lineEnd = typeEnd;
        while (lineEnd < to && b[lineEnd] != '\n') {
            lineEnd++;
        }
        if (typeEnd + 2 <= lineEnd && b[typeEnd] == ':') {
            out.add(MESSAGE, b, typeEnd + 2, lineEnd);
        }
        out.add(TRACE, b, head, to);
        boolean indented =
                head > from
                        && (b[head - 1] == '\t' || b[head - 1] == ' ')
                        && lineStart(b, head, from);
        if (head > from && (indented || contains(b, head, to, OMITTED))) {
            int end = head;
            while (end > from && (b[end - 1] == '\t' || b[end - 1] == ' ' || b[end - 1] == '\n')) {
                end--;
            }
            out.body.set(b, from, end);
        }
    }

    private static boolean lineStart(byte[] b, int head, int from) {
        int at = head - 1;
        while (at > from && (b[at] == '\t' || b[at] == ' ')) {
            at--;
        }
        return b[at] == '\n';
    }

    private static boolean atFrame(byte[] b, int from, int to) {
        int at = from;
        while (at < to && (b[at] == '\t' || b[at] == ' ')) {
            at++;
        }
        return at > from && at + 3 < to && b[at] == 'a' && b[at + 1] == 't' && b[at + 2] == ' ';
    }

    /** The end of a dotted class name that the line begins with; -1 if it does not. */
    private static int className(byte[] b, int from, int to) {
        int dots = 0;
        int at = from;
        while (at < to) {
            byte c = b[at];
            if (c == '.') {
                dots++;
            } else if (!((c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '$')) {
                break;
            }
            at++;
        }
        return dots >= 1 && at > from && (at == to || b[at] == ':') ? at : -1;
    }

    private static int inlineType(byte[] b, int from, int to) {
        for (int at = from; at < to; at++) {
            if (at == from || b[at - 1] == ' ') {
                int end = className(b, at, to);
                if (end > 0
                        && (endsWith(b, at, end, "Exception") || endsWith(b, at, end, "Error"))) {
                    return at;
                }
            }
        }
        return -1;
    }

    private static boolean endsWith(byte[] b, int from, int to, String text) {
        int start = to - text.length();
        if (start < from) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (b[start + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean contains(byte[] b, int from, int to, byte[] text) {
        outer:
        for (int at = from; at + text.length <= to; at++) {
            for (int i = 0; i < text.length; i++) {
                if (b[at + i] != text[i]) {
                    continue outer;
                }
            }
            return true;
        }
        return false;
    }
}
