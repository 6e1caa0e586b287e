package dev.pillion.adapter;

import dev.pillion.adapter.detect.Detector;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;
import dev.pillion.adapter.show.RecordJson;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** {@code explain}: what the adapter makes of a file, on standard output, nothing sent. */
final class Explain {

    /** So much of the file is held at a time, however large it is. */
    private static final int WINDOW_BYTES = 8 << 20;

    private static final int LONGEST_RECORD_BYTES = 1 << 20;

    private Explain() {}

    /** Returns the exit code. */
    static int run(String[] args, PrintStream out, PrintStream err) throws IOException {
        boolean otlp = false;
        ZoneId zone = ZoneOffset.UTC;
        Instant reference = Instant.EPOCH;
        Path file = null;
        try {
            for (int i = 1; i < args.length; i++) {
                switch (args[i]) {
                    case "--otlp" -> otlp = true;
                    case "--zone" -> zone = ZoneId.of(args[++i]);
                    case "--reference-time" -> reference = Instant.parse(args[++i]);
                    default -> {
                        if (args[i].startsWith("--")) {
                            err.println("explain: unknown option " + args[i]);
                            return 2;
                        }
                        file = Path.of(args[i]);
                    }
                }
            }
        } catch (DateTimeException e) {
            err.println("explain: " + e.getMessage());
            return 2;
        } catch (ArrayIndexOutOfBoundsException e) {
            err.println("explain: " + args[args.length - 1] + " needs a value");
            return 2;
        }
        if (file == null || !Files.isReadable(file) || Files.isDirectory(file)) {
            err.println(
                    "explain: "
                            + (file == null ? "name a file" : "cannot read '" + file + "'")
                            + "; usage: explain [--otlp] [--zone Z] [--reference-time T] FILE");
            return 2;
        }
        if (reference.equals(Instant.EPOCH)) {
            reference = Files.getLastModifiedTime(file).toInstant();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                OutputStream buffered = new BufferedOutputStream(out, 1 << 16)) {
            explain(channel, new Stamp(zone, reference), file + ": ", otlp, buffered, err);
        }
        return 0;
    }

    private static void explain(
            FileChannel file,
            Stamp stamp,
            String name,
            boolean otlp,
            OutputStream out,
            PrintStream err)
            throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
        byte[] bytes = window.array();
        boolean last = fill(window, file);
        var detection = Detector.detect(bytes, 0, sample(bytes, window.position()), stamp);
        err.printf(
                "%s%s, confidence %.2f: %s%n",
                name,
                detection.dialect().name(),
                detection.confidence(),
                detection.dialect().description());
        Framer framer = new Framer(LONGEST_RECORD_BYTES, Integer.MAX_VALUE);
        RecordParser parser = new RecordParser();
        parser.use(detection.dialect(), stamp);
        ParsedRecord record = new ParsedRecord();
        long position = 0;
        while (window.position() > 0) {
            Framer.Tail tail = last ? Framer.Tail.CLOSED : Framer.Tail.OPEN;
            framer.frame(bytes, 0, window.position(), tail, detection.dialect(), stamp);
            for (int i = 0; i < framer.count(); i++) {
                parser.parse(bytes, framer, i, record);
                long at = position + framer.start(i);
                String line = otlp ? RecordJson.otlp(record, at) : RecordJson.flat(record, at);
                out.write(line.getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            }
            position += framer.end();
            window.flip().position(framer.end()).compact();
            last = fill(window, file);
        }
    }

    /** Returns whether the file ends there. */
    private static boolean fill(ByteBuffer window, FileChannel file) throws IOException {
        while (window.hasRemaining()) {
            if (file.read(window) < 0) {
                return true;
            }
        }
        return false;
    }

    /** The first lines, as many as tell the dialect. */
    private static int sample(byte[] bytes, int length) {
        int end = Math.min(length, Detector.SAMPLE_BYTES);
        while (end < length && end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end == 0 ? length : end;
    }
}
