package dev.pillion.adapter.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes log files of a given size. The words and numbers are drawn with a fixed seed; a block of
 * some MiB is repeated, so that making a file is quick.
 */
final class Corpus {

    /** What a file's lines look like. */
    enum Kind {
        /** No stamp, no level: each line is a record as it stands. */
        PLAIN,
        /** log4j's usual layout, about 190 bytes a line. */
        LAYOUT,
        /** One JSON object a line. */
        JSON,
        /** Combined log format. */
        ACCESS
    }

    /** The last line of each file, by which the far end knows that all has come. */
    static final String LAST = "this is the last line of the benchmark";

    private static final int BLOCK_BYTES = 8 << 20;
    private static final String[] WORDS =
            ("order customer stock reserved container assigned task attempt progress moved from"
                            + " running to succeeded waiting for resource allocation of application"
                            + " node manager heartbeat received retry connection pool exhausted"
                            + " statement executed in cache miss evicted segment flushed commit")
                    .split(" ", -1);
    private static final String[] LEVELS = {"INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"};
    private static final String[] LOGGERS = {
        "org.example.shop.orders.OrderService",
        "org.example.shop.stock.StockReservation",
        "org.example.shop.web.RequestFilter",
        "org.example.scheduler.TaskAttemptListener"
    };

    private Corpus() {}

    /** Makes the file unless one of this size is there. */
    static Path make(Path folder, Kind kind, long size) throws IOException {
        Path file = folder.resolve(kind.name().toLowerCase(java.util.Locale.ROOT) + ".log");
        byte[] last = line(kind, LAST, 0, new SplittableRandom(1));
        if (Files.exists(file) && Files.size(file) >= size && Files.size(file) < size + 1024) {
            return file;
        }
        Files.createDirectories(folder);
        byte[] block = block(kind);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            long left = size - last.length;
            while (left >= block.length) {
                out.write(block);
                left -= block.length;
            }
            int end = (int) left;
            while (end > 0 && block[end - 1] != '\n') {
                end--;
            }
            out.write(block, 0, end);
            // Filled up with spaces, so that the size is what was asked for.
            byte[] filler = " ".repeat((int) left - end).getBytes(StandardCharsets.US_ASCII);
            out.write(last, 0, last.length - 1);
            out.write(filler);
            out.write('\n');
        }
        return file;
    }

    private static byte[] block(Kind kind) {
        SplittableRandom random = new SplittableRandom(42);
        var block = new java.io.ByteArrayOutputStream(BLOCK_BYTES + 1024);
        for (int i = 0; block.size() < BLOCK_BYTES; i++) {
            StringBuilder message = new StringBuilder();
            int words = 6 + random.nextInt(14);
            for (int w = 0; w < words; w++) {
                message.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
            }
            message.append("id=").append(random.nextInt(1_000_000));
            block.writeBytes(line(kind, message.toString(), i, random));
        }
        return block.toByteArray();
    }

    /** One line with its end. */
    static byte[] line(Kind kind, String message, int number, SplittableRandom random) {
        String time = "%02d:%02d:%02d".formatted(number / 3600 % 24, number / 60 % 60, number % 60);
        String level = LEVELS[random.nextInt(LEVELS.length)];
        String logger = LOGGERS[random.nextInt(LOGGERS.length)];
        int thread = random.nextInt(16);
        int millis = random.nextInt(1000);
        String text =
                switch (kind) {
                    case PLAIN -> message;
                    case LAYOUT ->
                            "2026-11-22 %s,%03d %-5s [worker-%d] %s: %s"
                                    .formatted(time, millis, level, thread, logger, message);
                    case JSON ->
                            ("{\"@timestamp\":\"2026-11-22T%s.%03dZ\",\"log.level\":\"%s\",\"message\":\"%s\","
                                            + "\"process.thread.name\":\"worker-%d\",\"log.logger\":\"%s\"}")
                                    .formatted(time, millis, level, message, thread, logger);
                    case ACCESS ->
                            "10.0.%d.%d - - [22/Nov/2026:%s +0000] \"GET /orders/%d HTTP/1.1\" 200 %d \"-\" \"%s\""
                                    .formatted(thread, millis % 256, time, millis, number, message);
                };
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
