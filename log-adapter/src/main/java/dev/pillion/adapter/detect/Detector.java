package dev.pillion.adapter.detect;

/**
 * Looks at the first lines of a file and says what dialect they are. Called once a file, and again
 * while the first answer rests on few lines. Thread-safe: no state.
 *
 * @see dev.pillion.adapter.frame.Framer
 */
public final class Detector {

    /** Bytes of a file that are looked at. */
    public static final int SAMPLE_BYTES = 128 * 1024;

    private static final int MAX_LINES = 2000;
    private static final double ENOUGH = 0.8;

    private Detector() {}

    /**
     * What was found.
     *
     * @param confidence part of the looked-at lines that the dialect explains, 0 to 1
     * @param lines how many lines it was judged by
     */
    public record Detection(Dialect dialect, double confidence, int lines) {}

    /**
     * @param from first byte of a line
     * @param to after the last complete line
     */
    public static Detection detect(byte[] bytes, int from, int to, Stamp stamp) {
        int[] starts = new int[MAX_LINES];
        int[] ends = new int[MAX_LINES];
        int lines = 0;
        int at = from;
        while (at < to && lines < MAX_LINES) {
            int newline = at;
            while (newline < to && bytes[newline] != '\n') {
                newline++;
            }
            int end = newline > at && bytes[newline - 1] == '\r' ? newline - 1 : newline;
            if (end > at) {
                starts[lines] = at;
                ends[lines] = end;
                lines++;
            }
            at = newline + 1;
        }
        if (lines == 0) {
            return new Detection(new Dialect.Plain(), 0, 0);
        }
        int json = 0;
        int logfmt = 0;
        int access = 0;
        int combined = 0;
        int[] fields = new int[AccessLogs.FIELDS];
        for (int i = 0; i < lines; i++) {
            if (bytes[starts[i]] == '{' && bytes[ends[i] - 1] == '}') {
                json++;
            } else if (logfmt(bytes, starts[i], ends[i])) {
                logfmt++;
            } else if (AccessLogs.match(bytes, starts[i], ends[i], fields, stamp)) {
                access++;
                combined += fields[AccessLogs.AGENT] >= 0 ? 1 : 0;
            }
        }
        if (json >= ENOUGH * lines) {
            return new Detection(new Dialect.Json(), json / (double) lines, lines);
        }
        if (logfmt >= ENOUGH * lines) {
            return new Detection(new Dialect.Logfmt(), logfmt / (double) lines, lines);
        }
        if (access >= ENOUGH * lines) {
            return new Detection(
                    new Dialect.AccessLog(combined * 2 > access), access / (double) lines, lines);
        }
        var layout = new Inference(bytes, starts, ends, lines, stamp).infer();
        if (layout.isPresent()) {
            Dialect dialect = new Dialect.Pattern(layout.get());
            double confidence = confidence(layout.get(), bytes, starts, ends, lines, stamp);
            if (confidence >= 0.2) {
                return new Detection(dialect, confidence, lines);
            }
        }
        return new Detection(new Dialect.Plain(), 1, lines);
    }

    /** Header lines that match wholly, among the lines that do not merely continue a record. */
    private static double confidence(
            Layout layout, byte[] bytes, int[] starts, int[] ends, int lines, Stamp stamp) {
        Header header = new Header();
        int whole = 0;
        int judged = 0;
        boolean multiLine = layout.elements().stream().anyMatch(e -> e instanceof Layout.NextLine);
        for (int i = 0; i < lines; i++) {
            int end = multiLine && i + 1 < lines ? ends[i + 1] : ends[i];
            layout.match(bytes, starts[i], end, stamp, header);
            if (header.complete()) {
                whole++;
                judged++;
            } else if (header.timed() || (!multiLine && !traceLine(bytes, starts[i], ends[i]))) {
                judged++;
            }
        }
        return judged == 0 ? 0 : whole / (double) judged;
    }

    private static boolean traceLine(byte[] bytes, int from, int to) {
        if (Lines.continuation(bytes, from, to)) {
            return true;
        }
        // java.lang.IllegalStateException: text
        int dots = 0;
        for (int at = from; at < to; at++) {
            byte b = bytes[at];
            if (b == '.') {
                dots++;
            } else if (!StampFormat.letter(b) && !StampFormat.digit(b) && b != '$' && b != '_') {
                return dots >= 2 && b == ':';
            }
        }
        return dots >= 2;
    }

    private static boolean logfmt(byte[] bytes, int from, int to) {
        int pairs = 0;
        int at = from;
        while (at < to) {
            int equals = Logfmts.keyEnd(bytes, at, to);
            if (equals < 0) {
                return false;
            }
            pairs++;
            at = Logfmts.valueEnd(bytes, equals + 1, to);
            while (at < to && bytes[at] == ' ') {
                at++;
            }
        }
        return pairs >= 2;
    }
}
