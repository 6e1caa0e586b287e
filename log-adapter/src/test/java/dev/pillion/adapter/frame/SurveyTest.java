package dev.pillion.adapter.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntPredicate;

/** Sixteen bytes at a time find what one byte at a time would. */
class SurveyTest {

    private static boolean sign(int b) {
        return b == '=' || b == ':' || b == 'J';
    }

    private static int next(byte[] bytes, int at, int to, IntPredicate wanted) {
        int found = at;
        while (found < to && !wanted.test(bytes[found])) {
            found++;
        }
        return found;
    }

    private static void check(byte[] bytes, int from, int to) {
        Survey survey = new Survey();
        survey.begin(bytes, from, to);
        int line = from;
        while (line < to) {
            int expected = next(bytes, line, to, b -> b == '\n');
            assertEquals(expected, survey.lineEnd(line));
            line = expected + 1;
        }
        // Those before, although lines were looked for to the end meanwhile.
        int sign = from;
        while (sign < to) {
            int expected = next(bytes, sign, to, SurveyTest::sign);
            assertEquals(expected, survey.sign(sign));
            sign = expected + 1;
        }
    }

    @Test
    void findsEachByteThatItLooksForAndNoOther() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        for (int from = 0; from < 20; from++) {
            check(all, from, all.length);
        }
    }

    @Test
    void findsThemWhereverTheyStandInAnyBytes() {
        Random random = new Random(7);
        byte[] few =
                "\n=:J*Zjz\u001A.\u007F".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(100)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] =
                        (byte)
                                (round % 2 == 0
                                        ? random.nextInt()
                                        : few[random.nextInt(few.length)]);
            }
            int from = random.nextInt(bytes.length + 1);
            check(bytes, from, from + random.nextInt(bytes.length - from + 1));
        }
    }

    @Test
    void goesOnWhereThereAreMoreThanItHasRoomFor() {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 200_000 < 150_000 ? '\n' : '=');
        }
        check(bytes, 3, bytes.length - 1);
    }

    @Test
    void tellsWhetherAllIsAsciiOfWhatWasLookedAt() {
        Survey survey = new Survey();
        for (int place : new int[] {0, 31, 32, 63, 1023, 1024, 2000, 2039}) {
            byte[] bytes = new byte[2040];
            survey.begin(bytes, 0, bytes.length);
            assertTrue(survey.ascii(0, bytes.length));
            bytes[place] = (byte) 0x80;
            survey.begin(bytes, 0, bytes.length);
            assertFalse(survey.ascii(0, bytes.length), "at " + place);
            survey.begin(bytes, place + 1, bytes.length);
            assertTrue(survey.ascii(place + 1, bytes.length));
            assertFalse(survey.ascii(place, bytes.length), "not looked at");
        }
    }

    @Test
    void doesNotTellOfWhatItPassedOver() {
        byte[] bytes = new byte[300_000];
        Arrays.fill(bytes, (byte) '\n');
        bytes[200_000] = (byte) 0xE2;
        Survey survey = new Survey();
        survey.begin(bytes, 0, bytes.length);
        assertFalse(survey.ascii(0, bytes.length), "only the first window is known");
        assertEquals(250_000, survey.lineEnd(250_000));
        assertFalse(survey.ascii(0, bytes.length), "what is between was not looked at");
        assertTrue(survey.ascii(250_000, 250_100));
    }
}
