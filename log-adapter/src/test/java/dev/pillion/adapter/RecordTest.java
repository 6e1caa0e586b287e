package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a record holds of the lines it is made of. */
class RecordTest extends AdapterTest {

    @Test
    void keepsAStackTraceInItsRecord() throws IOException {
        append(
                file,
                line(1)
                        + line(2)
                        + "java.lang.IllegalStateException: broken\n\tat shop.A.b(A.java:1)\n"
                        + "Caused by: java.io.IOException: pipe\n\t... 1 more\n"
                        + line(3));
        start();
        expect(
                List.of(
                        "order 1",
                        "order 2\njava.lang.IllegalStateException: broken\n\tat"
                                + " shop.A.b(A.java:1)\nCaused by: java.io.IOException: pipe\n"
                                + "\t... 1 more",
                        "order 3"));
        var traced = central.received().get(1).record().toString();
        assertTrue(traced.contains("exception.type"), traced);
        assertTrue(traced.contains("java.lang.IllegalStateException"), traced);
        Wait.until(() -> adapter.counts().lines.sum() == 7, adapter.counts().lines::sum);
        assertEquals(3, adapter.counts().records.sum());
    }

    @Test
    void splitsALineThatIsTooLong() throws IOException {
        String longLine = "x".repeat(2500);
        append(file, longLine + "\n");
        start("adapter.max-record-bytes", "1024");
        Wait.until(() -> central.count() >= 3, central::count);
        assertEquals(longLine, String.join("", central.bodies()));
    }

    @Test
    void sendsBrokenUtf8AsReplacementCharacters() throws IOException {
        byte[] bytes =
                "2026-11-22 20:51:43,001 INFO  [main] shop.A - caf_\n"
                        .getBytes(StandardCharsets.ISO_8859_1);
        bytes[bytes.length - 2] = (byte) 0xE9;
        Files.write(file, bytes);
        start();
        expect(List.of("caf\uFFFD"));
    }

    @Test
    void masksSecrets() throws IOException {
        append(file, "2026-11-22 20:51:43,001 INFO  [main] shop.A - login password=hunter2 ok\n");
        start();
        expect(List.of("login password=******* ok"));
    }

    @Test
    void tellsNoSecretThatIsANumberOrHasEscapesOrStandsInAList() throws IOException {
        append(
                file,
                """
                {"message":"login","password":48151623,"pwd":-4.25,"token":"ab\\"cd ef","secret":true}
                {"message":"again","credentials":{"user":"x","key":"gh ij"},"apiKey":["kl","mn"],"n":42}
                """);
        start();
        Wait.until(() -> central.received().size() == 2, central::toString);
        String first = central.received().getFirst().record().toString();
        String second = central.received().getLast().record().toString();
        for (String part : List.of("48151623", "4.25", "ab", "cd", "ef", "bool_value")) {
            assertFalse(first.replace("log.file.position", "").contains(part), part + ": " + first);
        }
        for (String part : List.of("\"x\"", "gh", "ij", "kl", "mn")) {
            assertFalse(second.contains(part), part + ": " + second);
        }
        assertTrue(second.contains("int_value: 42"), second);
    }

    @Test
    void writesAFileByATemplate() throws Exception {
        Path out = folder.resolve("out.log");
        start(
                "adapter.sink", "file",
                "adapter.file.path", out.toString(),
                "adapter.file.template", "Date ${line}");
        append(
                logs.resolve("date.log"),
                "Sun Nov 22 20:51:43 UTC 2026\nSun Nov 22 20:51:44 UTC 2026\n");
        adapter.stop();
        assertEquals(
                "Date Sun Nov 22 20:51:43 UTC 2026\nDate Sun Nov 22 20:51:44 UTC 2026\n",
                Files.readString(out));
    }
}
