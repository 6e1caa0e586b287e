package dev.pillion.adapter.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Stamp;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

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
}
