package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;
import dev.pillion.adapter.tail.TailedFile;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Bytes of every kind become the text that was meant, at their own offsets. */
class TextTest extends AdapterTest {

    private static final long GIB = 1L << 30;

    private void append(byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static List<String> words() {
        return List.of("Grüße", "naïve café", "plain");
    }

    private byte[] lines(Charset charset, String lineEnd) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int number = 0;
        for (String word : words()) {
            bytes.writeBytes((line(number++, word) + lineEnd).getBytes(charset));
        }
        return bytes.toByteArray();
    }

    private void reads(Charset charset, String setting) throws IOException {
        byte[] bytes = lines(charset, "\n");
        append(bytes);
        start("adapter.charset", setting);
        expect(words());
        append(bytes);
        Wait.until(() -> central.count() == 6, central::bodies);
        assertEquals(words(), central.bodies().subList(3, 6));
        assertEquals(bytes.length, central.received().get(3).position());
        assertEquals(9, central.received().get(4).record().getSeverityNumberValue());
    }

    @Test
    void masksWhatIsSecretAmongPlainLines() throws IOException {
        String text =
                """
                starting
                login password=hunter2 ok
                Authorization: Bearer abc
                one more
                it broke
                \tat shop.Cart.add(Cart.java:7)
                done
                token=abc
                the end
                """;
        append(text.getBytes(StandardCharsets.UTF_8));
        start();
        expect(
                List.of(
                        "starting",
                        "login password=******* ok",
                        "Authorization: Bearer ***",
                        "one more",
                        "it broke\n\tat shop.Cart.add(Cart.java:7)",
                        "done",
                        "token=***",
                        "the end"));
        for (var received : central.received()) {
            String body = received.record().getBody().getStringValue();
            String begin = body.lines().findFirst().orElseThrow().replaceAll("\\*.*", "");
            assertEquals(text.indexOf(begin), received.position());
        }
    }

    @Test
    void writesNoByteOrderMarkAndNoHoleIntoAFile() throws Exception {
        Path out = folder.resolve("out.txt");
        Files.write(
                logs.resolve("a.u16"), "\uFEFFGrüße\nzwei\n".getBytes(StandardCharsets.UTF_16LE));
        append("\uFEFFone\n\0\0\0two\n".getBytes(StandardCharsets.UTF_8));
        start(
                "adapter.charset", "*.u16=UTF-16,UTF-8",
                "adapter.sink", "file",
                "adapter.file.path", out.toString());
        adapter.stop();
        assertEquals(
                List.of("Grüße", "one", "two", "zwei"),
                Files.readString(out).lines().sorted().toList());
    }

    @Test
    void readsLatin1() throws IOException {
        reads(StandardCharsets.ISO_8859_1, "ISO-8859-1");
    }

    @Test
    void readsUtf16OfOneFolder() throws IOException {
        reads(StandardCharsets.UTF_16LE, logs + "/*=UTF-16LE");
    }

    @Test
    void readsUtf16BigEndianOfOneName() throws IOException {
        reads(StandardCharsets.UTF_16BE, "*.log=UTF-16BE,ISO-8859-1");
    }

    @Test
    void readsEbcdic() throws IOException {
        reads(Charset.forName("IBM1047"), "IBM1047");
    }

    @Test
    void findsTheOrderOfBytesByTheMark() throws IOException {
        append(new byte[] {(byte) 0xFF, (byte) 0xFE});
        append(lines(StandardCharsets.UTF_16LE, "\r\n"));
        start("adapter.charset", "UTF-16");
        expect(words());
        assertEquals(9, central.received().getFirst().record().getSeverityNumberValue());
    }

    @Test
    void takesNoByteOrderMarkOfUtf8ForText() throws IOException {
        append(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
        append(lines(StandardCharsets.UTF_8, "\n"));
        start();
        expect(words());
        append(line(3, "later\n").getBytes(StandardCharsets.UTF_8));
        Wait.until(() -> central.count() == 4, central::bodies);
    }

    @Test
    void framesTheSameAgainInAnotherCharset() throws IOException {
        central.mood(r -> central.requests() < 3 ? Mood.CUT_AFTER_STORING : Mood.WELL);
        append(lines(StandardCharsets.UTF_16LE, "\n"));
        start("adapter.charset", "UTF-16LE");
        Wait.until(() -> central.repeats() >= 3, central::repeats);
        expect(words());
    }

    @Test
    void readsLinesOfWindows() throws IOException {
        append(lines(StandardCharsets.UTF_8, "\r\n"));
        start();
        expect(words());
    }

    /** A byte that is no UTF-8 at every place of a line: the rest of the line is what it was. */
    @Test
    void mendsBrokenUtf8Anywhere() throws IOException {
        byte[] whole = line(0, "aä€😀z").getBytes(StandardCharsets.UTF_8);
        int begin = line(0, "").length();
        int cases = 0;
        for (int at = begin; at < whole.length; at++) {
            for (int broken : new int[] {0x80, 0xC0, 0xE2, 0xF5, 0xFF}) {
                byte[] bytes = whole.clone();
                bytes[at] = (byte) broken;
                if (new String(bytes, StandardCharsets.UTF_8).indexOf(0xFFFD) < 0) {
                    continue; // another character, as it happens
                }
                append(bytes);
                append(new byte[] {'\n'});
                cases++;
            }
        }
        start();
        int expected = cases;
        Wait.until(() -> central.count() >= expected, central::count);
        assertEquals(cases, central.count());
        for (String body : central.bodies()) {
            assertTrue(body.contains("\uFFFD"), body);
            assertTrue(body.length() >= 3 && body.length() <= 14, body);
        }
    }

    @Test
    void holdsAHalfCharacterAtTheEndUntilItIsWhole() throws IOException {
        byte[] bytes =
                (line(0, "one") + "\n" + line(1, "zwölf") + "\n").getBytes(StandardCharsets.UTF_8);
        int middle = bytes.length - 4;
        append(java.util.Arrays.copyOf(bytes, middle));
        start("adapter.partial-line-time", "PT60S");
        expect(List.of("one"));
        append(java.util.Arrays.copyOfRange(bytes, middle, bytes.length));
        expect(List.of("one", "zwölf"));
    }

    /** A writer without O_APPEND goes on at its old offset after copytruncate. */
    @Test
    void passesAHoleOfManyGigabytes() throws IOException {
        try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
            writer.seek(3 * GIB + 17);
            writer.write((line(0, "behind") + "\n").getBytes(StandardCharsets.UTF_8));
            start();
            expect(List.of("behind"));
            assertEquals(3 * GIB + 17, central.received().getFirst().position());
            writer.seek(3 * GIB + 5000);
            writer.write((line(1, "a second hole") + "\n").getBytes(StandardCharsets.UTF_8));
            expect(List.of("behind", "a second hole"));
        }
        Wait.until(() -> adapter.tailer().files().getFirst().lagBytes() == 0, () -> "lag");
    }

    @Test
    void endsALineThatAHoleCutOff() throws IOException {
        append(line(0, "whole\n").getBytes(StandardCharsets.UTF_8));
        append(line(1, "cut o").getBytes(StandardCharsets.UTF_8));
        append(new byte[8192]);
        append(line(2, "after\n").getBytes(StandardCharsets.UTF_8));
        start("adapter.partial-line-time", "PT60S");
        expect(List.of("whole", "cut o", "after"));
    }

    /** Room made beforehand is no hole: text is still to be written into it. */
    @Test
    void waitsForTextInAFileThatIsLargerThanItsText() throws IOException {
        try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
            writer.setLength(64 * 1024);
            start("adapter.partial-line-time", "PT0.1S");
            for (int i = 0; i < 5; i++) {
                writer.write((line(i, "order " + i) + "\n").getBytes(StandardCharsets.UTF_8));
                int count = i + 1;
                Wait.until(() -> central.count() == count, central::bodies);
                // Long after it was written nothing is taken for granted either.
                TailedFile tailed = adapter.tailer().files().getFirst();
                Wait.until(() -> tailed.quietNanos(System.nanoTime()) > 150_000_000L, () -> "busy");
            }
        }
        assertEquals(orders(0, 5), central.bodies());
    }

    @Test
    void splitsALineOverTheLimitBetweenCharactersAndMarksTheParts() throws IOException {
        String text = line(0, "€".repeat(1200));
        append((text + "\n" + line(1, "next") + "\n").getBytes(StandardCharsets.UTF_8));
        start("adapter.max-record-bytes", "1024");
        Wait.until(() -> central.bodies().contains("next"), central::bodies);
        List<String> parts = central.bodies().subList(0, central.count() - 1);
        assertEquals("€".repeat(1200), String.join("", parts));
        List<Boolean> marks =
                central.received().stream()
                        .map(r -> r.record().toString().contains("log.record.continues"))
                        .toList();
        assertEquals(List.of(true, true, true, false, false), marks);
    }

    /** Nothing of it is left for another part, whether it has its end or not. */
    @Test
    void marksNoLineThatIsJustAsLongAsItMayBe() throws IOException {
        int limit = 1024;
        StringBuilder text = new StringBuilder();
        List<String> bodies = new ArrayList<>();
        for (int length = limit - 4; length <= limit; length++) {
            String body = "x".repeat(length - line(0, "").length());
            text.append(line(0, body)).append('\n');
            bodies.add(body);
        }
        append(text.toString().getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < bodies.size(); i++) {
            Files.writeString(logs.resolve("unended-" + i + ".log"), line(i + 1, bodies.get(i)));
        }
        start("adapter.max-record-bytes", String.valueOf(limit));
        Wait.until(() -> central.count() == 2 * bodies.size(), central::bodies);
        assertEquals(
                bodies.stream().flatMap(body -> Stream.of(body, body)).toList(),
                sorted(central.bodies()));
        assertTrue(
                central.received().stream()
                        .noneMatch(r -> r.record().toString().contains("log.record.continues")),
                () -> central.received().toString());
    }
}
