package dev.pillion.adapter.parse;

import dev.pillion.adapter.detect.Severity;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.detect.StampFormat;
import dev.pillion.adapter.detect.StampForms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Maps the keys of structured dialects (ECS, Logstash, Log4j 2, bunyan, pino, GELF, zap, logfmt) to
 * the one model. What has no place there is kept as an attribute by its own name. Owned by one
 * thread.
 */
final class Fields {

    /** What a key means. */
    enum Meaning {
        TIME,
        LEVEL,
        LEVEL_VALUE,
        MESSAGE,
        FULL_MESSAGE,
        LOGGER,
        NAME,
        THREAD,
        PID,
        HOST,
        TRACE,
        SPAN,
        EXCEPTION_TYPE,
        EXCEPTION_MESSAGE,
        EXCEPTION_TRACE,
        EPOCH_SECOND,
        NANO_OF_SECOND,
        TIME_MILLIS,
        OTHER
    }

    private static final Map<String, Meaning> MEANINGS =
            Map.ofEntries(
                    Map.entry("@timestamp", Meaning.TIME),
                    Map.entry("timestamp", Meaning.TIME),
                    Map.entry("time", Meaning.TIME),
                    Map.entry("ts", Meaning.TIME),
                    Map.entry("t", Meaning.TIME),
                    Map.entry("at", Meaning.TIME),
                    Map.entry("date", Meaning.TIME),
                    Map.entry("datetime", Meaning.TIME),
                    Map.entry("asctime", Meaning.TIME),
                    Map.entry("eventTime", Meaning.TIME),
                    Map.entry("@t", Meaning.TIME),
                    Map.entry("Timestamp", Meaning.TIME),
                    Map.entry("instant.epochSecond", Meaning.EPOCH_SECOND),
                    Map.entry("instant.nanoOfSecond", Meaning.NANO_OF_SECOND),
                    Map.entry("timeMillis", Meaning.TIME_MILLIS),
                    Map.entry("level", Meaning.LEVEL),
                    Map.entry("log.level", Meaning.LEVEL),
                    Map.entry("lvl", Meaning.LEVEL),
                    Map.entry("levelname", Meaning.LEVEL),
                    Map.entry("severity", Meaning.LEVEL),
                    Map.entry("Level", Meaning.LEVEL),
                    Map.entry("LogLevel", Meaning.LEVEL),
                    Map.entry("@l", Meaning.LEVEL),
                    Map.entry("loglevel", Meaning.LEVEL),
                    Map.entry("level_value", Meaning.LEVEL_VALUE),
                    Map.entry("levelno", Meaning.LEVEL_VALUE),
                    Map.entry("message", Meaning.MESSAGE),
                    Map.entry("msg", Meaning.MESSAGE),
                    Map.entry("short_message", Meaning.MESSAGE),
                    Map.entry("Message", Meaning.MESSAGE),
                    Map.entry("event", Meaning.MESSAGE),
                    Map.entry("@m", Meaning.MESSAGE),
                    Map.entry("@mt", Meaning.MESSAGE),
                    Map.entry("full_message", Meaning.FULL_MESSAGE),
                    Map.entry("log.logger", Meaning.LOGGER),
                    Map.entry("logger_name", Meaning.LOGGER),
                    Map.entry("loggerName", Meaning.LOGGER),
                    Map.entry("logger", Meaning.LOGGER),
                    Map.entry("_logger", Meaning.LOGGER),
                    Map.entry("category", Meaning.LOGGER),
                    Map.entry("SourceContext", Meaning.LOGGER),
                    Map.entry("name", Meaning.NAME),
                    Map.entry("process.thread.name", Meaning.THREAD),
                    Map.entry("thread_name", Meaning.THREAD),
                    Map.entry("threadName", Meaning.THREAD),
                    Map.entry("thread", Meaning.THREAD),
                    Map.entry("_thread", Meaning.THREAD),
                    Map.entry("pid", Meaning.PID),
                    Map.entry("process.pid", Meaning.PID),
                    Map.entry("processId", Meaning.PID),
                    Map.entry("hostname", Meaning.HOST),
                    Map.entry("host", Meaning.HOST),
                    Map.entry("host.name", Meaning.HOST),
                    Map.entry("host.hostname", Meaning.HOST),
                    Map.entry("HOSTNAME", Meaning.HOST),
                    Map.entry("traceId", Meaning.TRACE),
                    Map.entry("trace_id", Meaning.TRACE),
                    Map.entry("trace.id", Meaning.TRACE),
                    Map.entry("traceid", Meaning.TRACE),
                    Map.entry("_traceId", Meaning.TRACE),
                    Map.entry("spanId", Meaning.SPAN),
                    Map.entry("span_id", Meaning.SPAN),
                    Map.entry("span.id", Meaning.SPAN),
                    Map.entry("spanid", Meaning.SPAN),
                    Map.entry("_spanId", Meaning.SPAN),
                    Map.entry("error.type", Meaning.EXCEPTION_TYPE),
                    Map.entry("exception.exception_class", Meaning.EXCEPTION_TYPE),
                    Map.entry("err.type", Meaning.EXCEPTION_TYPE),
                    Map.entry("thrown.name", Meaning.EXCEPTION_TYPE),
                    Map.entry("error.message", Meaning.EXCEPTION_MESSAGE),
                    Map.entry("err.message", Meaning.EXCEPTION_MESSAGE),
                    Map.entry("thrown.message", Meaning.EXCEPTION_MESSAGE),
                    Map.entry("exception.exception_message", Meaning.EXCEPTION_MESSAGE),
                    Map.entry("error.stack_trace", Meaning.EXCEPTION_TRACE),
                    Map.entry("stack_trace", Meaning.EXCEPTION_TRACE),
                    Map.entry("stacktrace", Meaning.EXCEPTION_TRACE),
                    Map.entry("exception.stacktrace", Meaning.EXCEPTION_TRACE),
                    Map.entry("err.stack", Meaning.EXCEPTION_TRACE),
                    Map.entry("exc_info", Meaning.EXCEPTION_TRACE),
                    Map.entry("thrown.extendedStackTrace", Meaning.EXCEPTION_TRACE));

    private static final byte[] THREAD_NAME = ParsedRecord.key("thread.name");
    private static final byte[] PROCESS_PID = ParsedRecord.key("process.pid");
    private static final byte[] HOST_NAME = ParsedRecord.key("host.name");
    private static final byte[] TYPE = ParsedRecord.key("exception.type");
    private static final byte[] MESSAGE = ParsedRecord.key("exception.message");
    private static final byte[] TRACE = ParsedRecord.key("exception.stacktrace");

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Key(byte[] name, Meaning meaning) {}

    /** Keys met so far, by hash; a file has few. A collision merely costs a new object. */
    private final Key[] keys = new Key[1024];

    private ParsedRecord out = new ParsedRecord();
    private Stamp stamp = new Stamp(java.time.ZoneOffset.UTC, java.time.Instant.EPOCH);
    private StampFormat timeFormat = new StampFormat("Y'-M'-d'TH':m':sFz");
    private long levelValue;
    private boolean gelf;
    private boolean timed;
    private final Slice name = new Slice();
    private final Slice trace = new Slice();
    private boolean typed;

    void begin(ParsedRecord out, Stamp stamp) {
        this.out = out;
        this.stamp = stamp;
        levelValue = -1;
        gelf = false;
        timed = false;
        name.clear();
        trace.clear();
        typed = false;
    }

    /** A quoted value. */
    void text(byte[] k, int keyFrom, int keyTo, byte[] v, int from, int to) {
        Key key = key(k, keyFrom, keyTo);
        switch (key.meaning) {
            case TIME -> {
                if (timed || !time(v, from, to)) {
                    out.add(key.name, v, from, to);
                }
            }
            case LEVEL -> level(v, from, to);
            case MESSAGE -> {
                gelf |= key.name.length == 13;
                if (out.body.present()) {
                    out.add(key.name, v, from, to);
                } else {
                    out.body.set(v, from, to);
                }
            }
            case FULL_MESSAGE -> trace.set(v, from, trimmed(v, from, to));
            case LOGGER -> out.scope.set(v, from, to);
            case NAME -> name.set(v, from, to);
            case THREAD -> out.add(THREAD_NAME, v, from, to);
            case HOST -> out.add(HOST_NAME, v, from, to);
            case TRACE -> {
                out.traced = hex(v, from, to, out.traceId);
                if (!out.traced) {
                    out.add(key.name, v, from, to);
                }
            }
            case SPAN -> {
                out.spanned = hex(v, from, to, out.spanId);
                if (!out.spanned) {
                    out.add(key.name, v, from, to);
                }
            }
            case EXCEPTION_TYPE -> {
                typed = true;
                out.add(TYPE, v, from, to);
            }
            case EXCEPTION_MESSAGE -> out.add(MESSAGE, v, from, to);
            case EXCEPTION_TRACE -> trace.set(v, from, trimmed(v, from, to));
            case PID -> {
                long number = RecordParser.number(v, from, to);
                out.add(PROCESS_PID, number);
            }
            case LEVEL_VALUE, EPOCH_SECOND, NANO_OF_SECOND, TIME_MILLIS, OTHER ->
                    out.add(key.name, v, from, to);
        }
    }

    /** An unquoted value: number, boolean, null, or logfmt's bare word. */
    void bare(byte[] k, int keyFrom, int keyTo, byte[] v, int from, int to) {
        if (from >= to || is(v, from, to, "null")) {
            return;
        }
        boolean digits = digits(v, from, to);
        Key key = key(k, keyFrom, keyTo);
        if (!digits) {
            switch (key.meaning) {
                case TIME -> {
                    if (!timed && time(v, from, to)) {
                        return;
                    }
                    plain(key, v, from, to);
                }
                case OTHER -> plain(key, v, from, to);
                default -> text(k, keyFrom, keyTo, v, from, to);
            }
            return;
        }
        long number = to - from <= 18 ? RecordParser.number(v, from, to) : -1;
        switch (key.meaning) {
            case TIME -> {
                if (timed || !time(v, from, to)) {
                    out.add(key.name, number);
                }
            }
            case LEVEL, LEVEL_VALUE -> levelValue = number;
            case EPOCH_SECOND -> {
                out.timeNanos += number * 1_000_000_000L;
                timed = true;
            }
            case NANO_OF_SECOND -> out.timeNanos += number;
            case TIME_MILLIS -> {
                out.timeNanos = number * 1_000_000L;
                timed = true;
            }
            case PID -> out.add(PROCESS_PID, number);
            case OTHER -> {
                if (number >= 0) {
                    out.add(key.name, number);
                } else {
                    out.add(key.name, v, from, to);
                }
            }
            default -> text(k, keyFrom, keyTo, v, from, to);
        }
    }

    private void plain(Key key, byte[] v, int from, int to) {
        if (is(v, from, to, "true")) {
            out.add(key.name, true);
        } else if (is(v, from, to, "false")) {
            out.add(key.name, false);
        } else if (v[from] == '-' || (v[from] >= '0' && v[from] <= '9')) {
            String text = new String(v, from, to - from, StandardCharsets.ISO_8859_1);
            try {
                if (text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
                    out.add(key.name, Long.parseLong(text));
                } else {
                    out.add(key.name, Double.parseDouble(text));
                }
            } catch (NumberFormatException e) {
                out.add(key.name, v, from, to);
            }
        } else {
            out.add(key.name, v, from, to);
        }
    }

    void finish() {
        if (out.severity == 0 && levelValue >= 0) {
            if (gelf && levelValue <= 7) {
                out.severity = Severity.ofSyslog(levelValue);
            } else if (levelValue >= 1000) {
                // Logback's integers: 5000 trace, 10000 debug … 40000 error.
                out.severity =
                        levelValue < 10_000 ? 1 : (int) Math.min(4, levelValue / 10_000) * 4 + 1;
            } else if (levelValue >= 10) {
                out.severity = Severity.ofTens(levelValue);
            } else {
                out.severity = Severity.ofSyslog(levelValue);
            }
        }
        if (name.present()) {
            if (!out.scope.present()) {
                out.scope.set(name.array, name.from, name.from + name.length);
            } else {
                out.add(NAME, name.array, name.from, name.from + name.length);
            }
        }
        if (trace.present()) {
            out.add(TRACE, trace.array, trace.from, trace.from + trace.length);
            if (!typed) {
                type();
            }
        }
    }

    private static final byte[] NAME = ParsedRecord.key("name");

    /** Type and message from the first line of a trace. */
    private void type() {
        int end = trace.from + trace.length;
        int line = trace.from;
        while (line < end && trace.array[line] != '\n') {
            line++;
        }
        int colon = trace.from;
        while (colon < line && trace.array[colon] != ':' && trace.array[colon] != ' ') {
            colon++;
        }
        if (colon == line || trace.array[colon] == ':') {
            out.add(TYPE, trace.array, trace.from, colon);
            if (colon + 2 <= line) {
                out.add(MESSAGE, trace.array, colon + 2, line);
            }
        }
    }

    private void level(byte[] v, int from, int to) {
        int number = Severity.ofWordOrLetter(v, from, to);
        if (number > 0) {
            out.severity = number;
            out.severityText.set(v, from, to);
        } else if (digits(v, from, to)) {
            levelValue = RecordParser.number(v, from, to);
        } else {
            out.severityText.set(v, from, to);
        }
    }

    private boolean time(byte[] v, int from, int to) {
        int end = timeFormat.match(v, from, to, stamp);
        if (end != to) {
            var formats = StampForms.whole(v, from, to);
            if (formats.isEmpty()) {
                return false;
            }
            timeFormat = formats.get();
            timeFormat.match(v, from, to, stamp);
        }
        out.timeNanos = stamp.epochNanos();
        timed = true;
        return true;
    }

    private Key key(byte[] k, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + k[i];
        }
        int slot = (hash ^ hash >>> 10 ^ hash >>> 20) & (keys.length - 1);
        Key key = keys[slot];
        if (key != null && Arrays.equals(key.name, 0, key.name.length, k, from, to)) {
            return key;
        }
        String name = new String(k, from, to - from, StandardCharsets.UTF_8);
        key = new Key(Arrays.copyOfRange(k, from, to), MEANINGS.getOrDefault(name, Meaning.OTHER));
        keys[slot] = key;
        return key;
    }

    private static int trimmed(byte[] v, int from, int to) {
        int end = to;
        while (end > from && (v[end - 1] == '\n' || v[end - 1] == '\r')) {
            end--;
        }
        return end;
    }

    private static boolean hex(byte[] v, int from, int to, byte[] into) {
        if (to - from != into.length * 2) {
            return false;
        }
        int any = 0;
        for (int i = 0; i < into.length; i++) {
            int high = Character.digit(v[from + 2 * i], 16);
            int low = Character.digit(v[from + 2 * i + 1], 16);
            if (high < 0 || low < 0) {
                return false;
            }
            into[i] = (byte) (high << 4 | low);
            any |= into[i];
        }
        return any != 0;
    }

    private static boolean digits(byte[] v, int from, int to) {
        for (int i = from; i < to; i++) {
            if (v[i] < '0' || v[i] > '9') {
                return false;
            }
        }
        return to > from;
    }

    private static boolean is(byte[] v, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (v[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
