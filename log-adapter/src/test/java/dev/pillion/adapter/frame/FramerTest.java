package dev.pillion.adapter.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Stamp;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Which lines make a record, and which records are known to have but one. */
class FramerTest {

    private static final Stamp STAMP = new Stamp(ZoneOffset.UTC, Instant.EPOCH);

    private static List<String> records(String text, int maxRecordBytes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Framer framer = new Framer(maxRecordBytes, 100);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, new Dialect.Plain(), STAMP);
        List<String> records = new ArrayList<>();
        for (int i = 0; i < framer.count(); i++) {
            int from = framer.start(i);
            String record = new String(bytes, from, framer.end(i) - from, StandardCharsets.UTF_8);
            records.add((framer.oneLine(i) ? "1 " : "+ ") + record);
        }
        return records;
    }

    @Test
    void tellsRecordsOfOneLineFromLongerOnes() {
        assertEquals(
                List.of("1 one\n", "+ two\n\tat a.B\n", "1 three\r\n", "+ four\n\n", "1 five"),
                records("one\ntwo\n\tat a.B\nthree\r\nfour\n\nfive", 1000));
    }

    @Test
    void splitsWhatIsTooLongBetweenCharacters() {
        assertEquals(List.of("1 ab€", "1 €€c\n", "1 next\n"), records("ab€€€c\nnext\n", 7));
    }

    @Test
    void makesNoRecordOfTheEndOfALineAlone() {
        for (String end : List.of("\n", "\r\n", "", "\r")) {
            assertEquals(List.of("1 1234" + end), records("1234" + end, 4));
            assertEquals(List.of("1 1234", "1 5678" + end), records("12345678" + end, 4));
            assertEquals(List.of("1 1234", "1 5" + end), records("12345" + end, 4));
        }
    }

    /** The CR at the end of what is there may be half of a line's end. */
    @Test
    void makesNoRecordOfALineEndThatComesInHalves() {
        byte[] bytes = "1234\r".getBytes(StandardCharsets.UTF_8);
        Framer framer = new Framer(4, 100);
        framer.frame(bytes, 0, 5, Framer.Tail.OPEN, new Dialect.Plain(), STAMP);
        assertEquals(0, framer.count());
    }

    @Test
    void takesNoBoundaryThatWasNotedForTheOnlyLineEnd() {
        Framer framer = new Framer(1000, 100);
        framer.use(new byte[20], new int[] {0, 4}, 2, 20);
        assertEquals(false, framer.oneLine(0) || framer.oneLine(1));
    }

    /** Framed by a dialect, and again by what is noted of it: the same records. */
    private static void again(String text, int maxRecordBytes, Framer.Tail tail) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Framer framer = new Framer(maxRecordBytes, 1000);
        framer.frame(bytes, 0, bytes.length, tail, new Dialect.Plain(), STAMP);
        int[] starts = new int[framer.count() + 1];
        for (int i = 0; i < framer.count(); i++) {
            starts[i] = framer.start(i);
        }
        starts[framer.count()] = framer.end();
        switch (framer.framing(bytes)) {
            case Framing.Lines lines ->
                    assertArrayEquals(starts, lines.starts(bytes, framer.end()), text);
            case Framing.Places places ->
                    assertArrayEquals(Arrays.copyOf(starts, framer.count()), places.starts(), text);
        }
    }

    @Test
    void framesTheSameAgain() {
        Random random = new Random(11);
        List<String> pieces =
                List.of("a\n", "bc\r\n", "\tat x.Y\n", "\n", "long enough\n", "✓", "\0", "\n\n");
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder("begin\n");
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            for (Framer.Tail tail : Framer.Tail.values()) {
                again(text.toString(), 1000, tail);
                again(text.toString(), 8, tail);
            }
        }
    }

    @Test
    void holdsNextToNothingOfRecordsOfALineEach() {
        byte[] bytes = "a line\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        Framer framer = new Framer(1000, 100_000);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, new Dialect.Plain(), STAMP);
        assertEquals(new Framing.Lines(new BitSet()), framer.framing(bytes));
        assertEquals(10_000, framer.count());
    }

    @Test
    void knowsWhichRecordHoldsAByteAndHowFarLinesGo() {
        byte[] bytes = "one\ntwo\n\tat a.B\nthree\nfour\n".getBytes(StandardCharsets.UTF_8);
        Framer framer = new Framer(1000, 100);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, new Dialect.Plain(), STAMP);
        assertEquals(1, framer.lines(0));
        assertEquals(1, framer.lines(1));
        assertEquals(4, framer.lines(2));
        assertEquals(0, framer.holding(3, 0, 4));
        assertEquals(1, framer.holding(4, 0, 4));
        assertEquals(1, framer.holding(15, 0, 4));
        assertEquals(2, framer.holding(16, 0, 4));
        assertEquals(3, framer.holding(bytes.length - 1, 2, 4));
        assertEquals(4, framer.holding(bytes.length, 2, 4));
        assertEquals(2, framer.holding(Integer.MAX_VALUE, 0, 2));
        assertEquals(1, framer.holding(0, 1, 1));
    }
}
