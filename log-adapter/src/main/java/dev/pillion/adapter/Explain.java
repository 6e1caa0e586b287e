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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** {@code explain}: what the adapter makes of a file, on standard output, nothing sent. */
final class Explain {

    private static final int BATCH = 8 << 20;

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
        byte[] bytes = Files.readAllBytes(file);
        Stamp stamp = new Stamp(zone, reference);
        int sample = Math.min(bytes.length, Detector.SAMPLE_BYTES);
        while (sample < bytes.length && sample > 0 && bytes[sample - 1] != '\n') {
            sample--;
        }
        var detection = Detector.detect(bytes, 0, sample == 0 ? bytes.length : sample, stamp);
        err.printf(
                "%s: %s, confidence %.2f: %s%n",
                file,
                detection.dialect().name(),
                detection.confidence(),
                detection.dialect().description());
        Framer framer = new Framer(1 << 20, Integer.MAX_VALUE);
        RecordParser parser = new RecordParser();
        parser.use(detection.dialect(), stamp);
        ParsedRecord record = new ParsedRecord();
        try (OutputStream buffered = new BufferedOutputStream(out, 1 << 16)) {
            int at = 0;
            while (at < bytes.length) {
                int end = Math.min(bytes.length, at + BATCH);
                framer.frame(
                        bytes,
                        at,
                        end,
                        end == bytes.length ? Framer.Tail.CLOSED : Framer.Tail.OPEN,
                        detection.dialect(),
                        stamp);
                for (int i = 0; i < framer.count(); i++) {
                    parser.parse(bytes, framer, i, record);
                    String line =
                            otlp
                                    ? RecordJson.otlp(record, framer.start(i))
                                    : RecordJson.flat(record, framer.start(i));
                    buffered.write(line.getBytes(StandardCharsets.UTF_8));
                    buffered.write('\n');
                }
                if (framer.end() == at) {
                    break;
                }
                at = framer.end();
            }
        }
        return 0;
    }
}
