package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

class LiteralTest {

    @Test
    void findsWhatMustOccur() {
        String[][] cases = {
            {"abc", "abc"},
            {"a+bc", "bc"},
            {"ab?cd", "cd"},
            {"ab*", "a"},
            {"abc{0,2}d", "ab"},
            {"blk_-?\\d+9 ", "blk_"},
            {"([Ff]ailed|refused).* port \\d", " port "},
            {"x(abc)?yz", "yz"},
            {"a|bcd", ""},
            {"\\Qa.b\\E.c", "a.b"},
            {"ORA-\\d+", "ORA-"},
            {"\\[main\\]", "[main]"},
            {"[abc]def[^]x]", ""},
            {"[a[bc]]def", "def"},
            {"(?i)abc", ""},
            {"(?<![\\p{L}])conn", "conn"},
            {"\\p{L}abc", ""},
            {"a\\.b", "a.b"},
            {"grüße", "gr"},
            {"", ""}
        };
        for (String[] one : cases) {
            assertEquals(one[1], Literal.of(Pattern.compile(one[0])), one[0]);
        }
        assertEquals(
                "rea",
                Literal.of(
                        Pattern.compile("skrea", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)));
        assertEquals("", Literal.of(Pattern.compile("a b # c", Pattern.COMMENTS)));
    }

    /** Whatever is found has the literal in it: random expressions, random texts. */
    @Test
    void neverClaimsTooMuch() {
        Random random = new Random(5);
        String pieces = "abc.*+?|()[]{}^$\\dQE0,1- ";
        int found = 0;
        int withLiteral = 0;
        for (int i = 0; i < 200_000; i++) {
            String regex = text(random, pieces, 1 + random.nextInt(8));
            Pattern pattern;
            try {
                pattern = Pattern.compile(regex);
            } catch (PatternSyntaxException e) {
                continue;
            }
            String literal = Literal.of(pattern);
            if (literal.isEmpty()) {
                continue;
            }
            withLiteral++;
            Needle needle = new Needle(Words.fold(literal));
            for (int k = 0; k < 4; k++) {
                String text = text(random, "abc.d01- \\QE", random.nextInt(8));
                if (pattern.matcher(text).find()) {
                    found++;
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    assertTrue(
                            needle.find(bytes, 0, bytes.length) >= 0,
                            () -> "/" + regex + "/ in '" + text + "' without '" + literal + "'");
                }
            }
        }
        assertTrue(found > 1000 && withLiteral > 10_000, found + " of " + withLiteral);
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    @Test
    void needleFindsAsAnIndexDoes() {
        Random random = new Random(6);
        for (int i = 0; i < 50_000; i++) {
            String text = text(random, "aAbBzZ0", random.nextInt(30));
            String part = text(random, "abz0", 1 + random.nextInt(4));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertEquals(
                    text.toLowerCase(java.util.Locale.ROOT).indexOf(part),
                    new Needle(Words.fold(part)).find(bytes, 0, bytes.length),
                    part + " in " + text);
        }
    }
}
