package dev.pillion.legacy.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.Json;

import org.apache.logging.log4j.CloseableThreadContext;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The real files, written by the real libraries with the configuration that is shipped. */
class LogFilesTest {

    @TempDir private Path folder;

    @BeforeEach
    void open() throws Exception {
        LogFiles.close(); // what an earlier test's classes opened
        LogFiles.open(folder.resolve("logs"));
    }

    @AfterEach
    void close() {
        LogFiles.close();
    }

    @Test
    void writesAStackTraceWithItsCause() throws Exception {
        LogManager.getLogger("dev.pillion.Sample")
                .error(
                        "Order {} failed",
                        "PO-1",
                        new IllegalStateException("refused", new IOException("hung up")));
        List<String> lines = lines("orders.log");
        matches(
                "\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2},\\d{3} ERROR \\[main\\]"
                        + " d\\.p\\.Sample - Order PO-1 failed",
                lines.get(0));
        assertEquals("java.lang.IllegalStateException: refused", lines.get(1));
        assertTrue(lines.get(2).startsWith("\tat "), lines.get(2));
        assertTrue(lines.contains("Caused by: java.io.IOException: hung up"), lines.toString());
        matches("\t\\.\\.\\. \\d+ more", lines.getLast());
    }

    @Test
    void writesTwoLinesForEachRecordOfTheBatch() throws Exception {
        LogFiles.openBatch(folder.resolve("logs"), 4096);
        Logger batch = Logger.getLogger(LogFiles.BATCH);
        batch.logp(Level.SEVERE, "dev.pillion.Batch", "run", "stumbled");
        List<String> lines = lines("batch.0.log");
        matches(
                "[A-Z][a-z]{2} \\d{2}, \\d{4} \\d{1,2}:\\d{2}:\\d{2} [AP]M dev\\.pillion\\.Batch"
                        + " run",
                lines.get(0));
        assertEquals("SEVERE: stumbled", lines.get(1));

        for (int i = 0; i < 100; i++) {
            batch.logp(Level.INFO, "dev.pillion.Batch", "run", "record " + i);
        }
        assertEquals("INFO: record 99", lines("batch.0.log").getLast());
        assertTrue(Files.exists(folder.resolve("logs/batch.1.log")));
    }

    @Test
    void writesEcsJson() throws Exception {
        try (var _ = CloseableThreadContext.put("order.number", "PO-\"1\"")) {
            LogManager.getLogger("events").info("order.paid");
        }
        var event =
                Json.createReader(new StringReader(lines("events.json.log").getFirst()))
                        .readObject();
        matches(
                "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z",
                event.getString("@timestamp"));
        assertEquals("INFO", event.getString("log.level"));
        assertEquals("order.paid", event.getString("message"));
        assertEquals("events", event.getString("log.logger"));
        assertEquals("PO-\"1\"", event.getString("order.number"));
        assertEquals("1.2.0", event.getString("ecs.version"));
    }

    @Test
    void writesLogfmt() throws Exception {
        try (var _ = CloseableThreadContext.put("order", "PO-1").put("sku", "TEA-EARL")) {
            LogManager.getLogger("stock").warn("shelf \"4\" empty");
        }
        matches(
                "ts=\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}(Z|[+-]\\d{2}:\\d{2})"
                        + " level=warn logger=stock msg=\"shelf \\\\\"4\\\\\" empty\""
                        + " sku=TEA-EARL order=PO-1",
                lines("stock.logfmt.log").getFirst());
    }

    @Test
    void rotatesByRenamingAtOneMebibyteAndKeepsFive() throws Exception {
        String line = "x".repeat(1023);
        var access = LogManager.getLogger("access");
        for (int i = 0; i < 8 * 1024; i++) {
            access.info(line);
        }
        List<String> names;
        try (var files = Files.list(folder.resolve("logs"))) {
            names =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.startsWith("access"))
                            .sorted()
                            .toList();
        }
        assertEquals(
                List.of(
                        "access.log",
                        "access.log.1",
                        "access.log.2",
                        "access.log.3",
                        "access.log.4",
                        "access.log.5"),
                names);
        long bytes = Files.size(folder.resolve("logs/access.log.1"));
        assertTrue(
                bytes >= LogFiles.ROTATE_AT_BYTES && bytes <= LogFiles.ROTATE_AT_BYTES + 1024,
                "rotated at " + bytes);
    }

    @Test
    void saysInOneLineThatAFolderCannotBeWritten() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        var cannot = assertThrows(LogFiles.CannotWrite.class, () -> LogFiles.open(file));
        assertEquals(
                "app.log-directory: '"
                        + file
                        + "' cannot be written to (FileAlreadyExistsException); create it for this"
                        + " user or set APP_LOG_DIRECTORY",
                cannot.getMessage());
    }

    private List<String> lines(String file) throws IOException {
        return Files.readAllLines(folder.resolve("logs").resolve(file));
    }

    private static void matches(String regex, String line) {
        assertTrue(line.matches(regex), () -> "<" + line + "> is not " + regex);
    }
}
