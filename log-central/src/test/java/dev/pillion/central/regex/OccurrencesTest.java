package dev.pillion.central.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** A needle is found where it is when it is looked for place by place. */
class OccurrencesTest {

    private static final String[] NEEDLES = {
        "\\d", "\\d{5} ", "[a-c]{3}", "a", "[ab]b[ \\d]", "[a-z]\\d[A-Z]", "[!-~]{4}", "aaaaaaaa"
    };

    private static Needle needle(String regex) {
        Node node = Reader.read(Pattern.compile(regex)).orElseThrow().node();
        List<Node.Chars> sets = new ArrayList<>();
        add(node, sets);
        return Needle.of(sets);
    }

    private static void add(Node node, List<Node.Chars> sets) {
        switch (node) {
            case Node.Chars set -> sets.add(set);
            case Node.Sequence(List<Node> parts) -> parts.forEach(part -> add(part, sets));
            case Node.Repeat(Node part, int min, int _) -> {
                for (int i = 0; i < min; i++) {
                    add(part, sets);
                }
            }
            case Node.Choice _ -> throw new IllegalArgumentException("not a run");
        }
    }

    private static List<Integer> naive(Needle needle, byte[] bytes, int from, int to) {
        List<Integer> places = new ArrayList<>();
        for (int at = from; at + needle.length() <= to; at++) {
            boolean there = true;
            for (int i = 0; i < needle.length(); i++) {
                there &= needle.has(i, bytes[at + i] & 0xFF);
            }
            if (there) {
                places.add(at);
            }
        }
        return places;
    }

    private static List<Integer> all(Occurrences occurrences, int from) {
        List<Integer> places = new ArrayList<>();
        for (int at = occurrences.next(from); at >= 0; at = occurrences.next(at + 1)) {
            places.add(at);
        }
        return places;
    }

    @Test
    void areAllThatThereAre() {
        Random random = new Random(21);
        byte[] characters = "aaabbc 0123456789Z~é".getBytes(StandardCharsets.UTF_8);
        int found = 0;
        for (int round = 0; round < 400; round++) {
            int length = random.nextInt(round % 20 == 0 ? 20_000 : 300);
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = characters[random.nextInt(characters.length)];
            }
            int from = random.nextInt(length + 1);
            int to = from + random.nextInt(length - from + 1);
            for (String regex : NEEDLES) {
                Needle needle = needle(regex);
                List<Integer> expected = naive(needle, bytes, from, to);
                String what = regex + " in [" + from + ", " + to + ") of round " + round;
                assertEquals(expected, all(needle.in(bytes, from, to), from), what);
                Occurrences bits = new BitOccurrences(ByteSets.of(needle), bytes, from, to);
                assertEquals(expected, all(bits, from), what);
                found += expected.size();
            }
        }
        assertTrue(found > 10_000, "found " + found);
    }

    /** Whoever has found one far ahead may ask for a place before it next. */
    @Test
    void areTheNextOfEachPlaceThatIsAskedForAsPlacesRise() {
        Random random = new Random(22);
        byte[] bytes = new byte[60_000];
        int farAhead = 0;
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < bytes.length; i++) {
                boolean rare = random.nextInt(round % 2 == 0 ? 9_000 : 30) == 0;
                bytes[i] = (byte) (rare ? '7' : ' ' + random.nextInt(3));
            }
            Needle needle = needle("[ -#]\\d[ -#]");
            List<Integer> expected = naive(needle, bytes, 0, bytes.length);
            Occurrences skips = new SkipOccurrences(needle, bytes, bytes.length);
            Occurrences bits = new BitOccurrences(ByteSets.of(needle), bytes, 0, bytes.length);
            int known = 0;
            for (int at = 0; at < bytes.length; at += random.nextInt(200)) {
                while (known < expected.size() && expected.get(known) < at) {
                    known++;
                }
                int next = known < expected.size() ? expected.get(known) : -1;
                farAhead += next - at > 5_000 ? 1 : 0;
                assertEquals(next, skips.next(at), "skipping from " + at);
                assertEquals(next, bits.next(at), "by bits from " + at);
            }
        }
        assertTrue(farAhead > 100, "far ahead " + farAhead);
    }

    @Test
    void beginWhereTheyAreAskedFor() {
        byte[] bytes = "12 123 1234 1 123456".getBytes(StandardCharsets.UTF_8);
        Occurrences numbers = needle("\\d{3}").in(bytes, 0, bytes.length);
        assertInstanceOf(BitOccurrences.class, numbers);
        assertEquals(3, numbers.next(0));
        assertEquals(3, numbers.next(3));
        assertEquals(7, numbers.next(4));
        assertEquals(15, numbers.next(15));
        assertEquals(-1, numbers.next(18));
    }
}
