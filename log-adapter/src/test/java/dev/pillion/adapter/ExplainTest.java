package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code explain}, of a file longer than what is held of it at a time. */
class ExplainTest {

    private static final String PADDING = "x".repeat(1000);

    @TempDir Path folder;

    @Test
    void explainsEachRecordOfALargeFileAtItsPlace() throws IOException {
        Path file = folder.resolve("large.log");
        StringBuilder text = new StringBuilder();
        int records = 9_000;
        for (int i = 0; i < records; i++) {
            text.append(AdapterTest.line(i, "order " + i + " " + PADDING)).append('\n');
        }
        Files.writeString(file, text);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code =
                Explain.run(
                        new String[] {"explain", file.toString()},
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        assertEquals(0, code);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(records, lines.size());
        int at = 0;
        for (int i = 0; i < records; i++) {
            String line = lines.get(i);
            assertTrue(line.contains("\"body\":\"order " + i + " x"), line);
            assertTrue(line.contains("\"log.file.position\":" + at), line);
            at = text.indexOf("\n", at) + 1;
        }
    }
}
