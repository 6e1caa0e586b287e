package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.frame.Scan;
import dev.pillion.adapter.parse.ParsedRecord;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The sinks {@code stdout} and {@code file}: each physical line by a template, {@code ${line}}
 * being the line. A batch is written in one piece; what was written when the process was killed
 * before it could remember is written again (at least once).
 */
public final class TextDestination implements Destination {

    private static final String LINE = "${line}";

    private final OutputStream out;
    private final byte[] before;
    private final byte[] after;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

    /**
     * @param out shared by all workers, which take turns
     * @param template has {@code ${line}} once
     */
    public TextDestination(OutputStream out, String template) {
        this.out = out;
        int at = template.indexOf(LINE);
        this.before = template.substring(0, at).getBytes(StandardCharsets.UTF_8);
        this.after = template.substring(at + LINE.length()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void begin(byte[] resource, long observedNanos, byte[] utf8) {
        batch.reset();
    }

    @Override
    public void add(ParsedRecord record, byte[] raw, int from, int to, long position) {
        lines(raw, from, to);
    }

    @Override
    public void lines(byte[] raw, Framer framed, int first, int end, long base) {
        lines(raw, framed.start(first), framed.end(end - 1));
    }

    private void lines(byte[] raw, int from, int to) {
        int line = from;
        while (line < to) {
            int end = line;
            while (end < to && raw[end] != '\n') {
                end++;
            }
            int text = Scan.textFrom(raw, line, end);
            batch.writeBytes(before);
            batch.write(raw, text, end - text);
            batch.writeBytes(after);
            batch.write('\n');
            line = end + 1;
        }
    }

    @Override
    public Delivery send() {
        try {
            synchronized (out) {
                batch.writeTo(out);
                out.flush();
            }
            return new Delivery.Accepted(0, "");
        } catch (IOException e) {
            return new Delivery.Retry("sink: " + e.getMessage(), -1);
        }
    }

    @Override
    public void close() {
        // The stream is shared; who opened it closes it.
    }
}
