package dev.pillion.central.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What is said of a pattern, against java.util.regex. */
class ExpressionTest {

    @Test
    void tellsWhatMustOccur() {
        Map<String, List<String>> cases =
                Map.ofEntries(
                        Map.entry("abc", List.of("abc")),
                        Map.entry("a+bc", List.of("abc")),
                        Map.entry("ab?cd", List.of("cd")),
                        Map.entry("ab*", List.of("a")),
                        Map.entry("abc{0,2}d", List.of("ab")),
                        Map.entry("blk_-?\\d+9 ", List.of("blk_")),
                        Map.entry("([Ff]ailed|refused).* port \\d", List.of("failed", "refused")),
                        Map.entry("error|WARN(ing)?", List.of("error", "warn")),
                        Map.entry("error|.", List.of()),
                        Map.entry("x(abc)?yz", List.of("yz")),
                        Map.entry("x(abc){2}y", List.of("abc")),
                        Map.entry("\\Qa.b\\E.c", List.of("a.b")),
                        Map.entry("\\Qa1\\E?bc", List.of("bc")),
                        Map.entry("ORA-\\d+", List.of("ora-")),
                        Map.entry("\\[main\\]", List.of("[main]")),
                        Map.entry("[abc]def[^x]", List.of("def")),
                        Map.entry("[abc]def[^]x]", List.of()),
                        Map.entry("[a[bc]]def", List.of("def")),
                        Map.entry("(?i)abc", List.of("abc")),
                        Map.entry("ab(?i)c", List.of()),
                        Map.entry("ab(?i:cd)", List.of("abcd")),
                        Map.entry("(?x)a b", List.of()),
                        Map.entry("(?<![\\p{L}])conn", List.of("conn")),
                        Map.entry("\\p{L}abc", List.of("abc")),
                        Map.entry("a\\.b", List.of("a.b")),
                        Map.entry("(a)\\1b", List.of("a")),
                        Map.entry("grüße", List.of("gr")),
                        Map.entry("", List.of()));
        cases.forEach(
                (regex, texts) -> assertEquals(texts, longest(Pattern.compile(regex)), regex));
        assertEquals(
                List.of("rea"),
                longest(Pattern.compile("skrea", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)));
        assertEquals(List.of(), longest(Pattern.compile("a b # c", Pattern.COMMENTS)));
        assertEquals(
                List.of(List.of("a"), List.of("b", "cd"), List.of(" port ")),
                Expression.of(Pattern.compile("a+.*(b|[cC]d)\\s port .")).texts());
    }

    private static List<String> longest(Pattern pattern) {
        return Expression.longest(Expression.of(pattern).texts());
    }

    /** Random expressions on random texts: no is never wrong, yes is what the pattern says. */
    @Test
    void answersAsThePattern() {
        Random random = new Random(5);
        String[] pieces = {
            "a", "b", "c", "k", "i", "é", "日", "😀", ".", "*", "+", "?", "|", "(", ")", "[", "]",
            "{", "}", "^", "$", "\\", "d", "Q", "E", "0", "1", ",", "-", " ", "(?:", "(?i)", "(?=",
            "(?<!", "(?>", "(?s:", "[^", "&&", "\\d", "\\w", "\\S", "\\b", "{2}", "{1,2}", "{0,1}",
            "[a-c]", "*?", "?+", "\\x41", "\\u0062", "\\p{L}", "\\1", "\\R", "\\Q", "\\E", "\n",
            "(a|bc)", "ab"
        };
        String[] characters = {
            "a", "b", "c", "A", "B", "K", "k", "I", "i", "\u212A", "ı", "é", "É", "日", "😀", ".",
            "d", "0", "1", "-", " ", "\n", "\r", "\\", "Q", "E"
        };
        int[] flags = {
            0,
            Pattern.MULTILINE,
            Pattern.CASE_INSENSITIVE,
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE,
            Pattern.DOTALL | Pattern.UNIX_LINES,
            Pattern.UNICODE_CHARACTER_CLASS
        };
        Map<Finder.Answer, Integer> answers = new EnumMap<>(Finder.Answer.class);
        int noFinder = 0;
        int tried = 0;
        for (int i = 0; i < 60_000; i++) {
            String regex = text(random, pieces, 1 + random.nextInt(7));
            Pattern pattern;
            try {
                pattern = Pattern.compile(regex, flags[random.nextInt(flags.length)]);
            } catch (PatternSyntaxException e) {
                continue;
            }
            tried++;
            Expression expression = Expression.of(pattern);
            Optional<Finder> finder = expression.finder(ExpressionTest::noPause);
            noFinder += finder.isEmpty() ? 1 : 0;
            for (int k = 0; k < 6; k++) {
                String text = text(random, characters, random.nextInt(9));
                // Beside it stands what must not matter.
                byte[] bytes = ("ab0" + text + "ab0").getBytes(StandardCharsets.UTF_8);
                int to = bytes.length - 3;
                boolean found = pattern.matcher(text).find();
                String what =
                        "/" + regex + "/ " + pattern.flags() + " in '" + text + "' is " + found;
                if (found) {
                    assertTrue(expression.needle().find(bytes, 3, to) >= 0, what);
                    String lower = text.replaceAll("[^\\p{ASCII}]", "~").toLowerCase(Locale.ROOT);
                    for (List<String> texts : expression.texts()) {
                        assertTrue(
                                texts.stream().anyMatch(lower::contains),
                                () -> what + " without any of " + texts);
                    }
                }
                if (finder.isPresent()) {
                    Finder.Answer answer = finder.get().find(bytes, 3, to);
                    answers.merge(answer, 1, Integer::sum);
                    assertFalse(answer == (found ? Finder.Answer.NO : Finder.Answer.YES), what);
                }
            }
        }
        String summary = answers + ", no finder: " + noFinder + " of " + tried;
        assertTrue(noFinder < tried / 4, summary);
        assertTrue(answers.get(Finder.Answer.YES) > tried / 10, summary);
        assertTrue(answers.get(Finder.Answer.NO) > tried / 2, summary);
    }

    @Test
    void letsTheAutomatonBeginAnewWhenItsTableIsFull() {
        Random random = new Random(8);
        Pattern pattern = Pattern.compile("[ab][^x]{12}(c|dd)[^y]{9}e");
        Finder finder = Expression.of(pattern).finder(ExpressionTest::noPause).orElseThrow();
        String[] letters = {"a", "b", "c", "d", "e"};
        for (int i = 0; i < 40_000; i++) {
            String text = text(random, letters, 20 + random.nextInt(30));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Finder.Answer no = pattern.matcher(text).find() ? Finder.Answer.YES : Finder.Answer.NO;
            Finder.Answer answer = finder.find(bytes, 0, bytes.length);
            assertTrue(answer == no || answer == Finder.Answer.MAYBE, text + ": " + answer);
        }
    }

    @Test
    void isBoundedByTheLengthOfTheExpression() {
        assertTrue(finder("((a{100}){100}){100}").isEmpty());
        assertTrue(finder("a(((){99999}){99999}){99999}b").isPresent());
        assertTrue(finder("abcd".repeat(900)).isPresent());
        assertTrue(finder("(" + "[a-d]".repeat(800) + "|x)").isPresent());
    }

    private static Optional<Finder> finder(String regex) {
        return Expression.of(Pattern.compile(regex)).finder(ExpressionTest::noPause);
    }

    /** The letters of ASCII that are the other case of a character beyond are those it knows. */
    @Test
    void knowsTheLettersWhoseOtherCaseIsBeyondAscii() {
        StringBuilder beyond = new StringBuilder();
        for (char letter = 'A'; letter <= 'z'; letter++) {
            Pattern pattern =
                    Pattern.compile(
                            Pattern.quote(String.valueOf(letter)),
                            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
            for (int c = 0x80; c < 0x10000; c++) {
                if (pattern.matcher(Character.toString(c)).matches()) {
                    beyond.append(letter);
                    break;
                }
            }
        }
        assertEquals("IKSiks", beyond.toString());
    }

    @Test
    void needleFindsAsAnIndexDoes() {
        Random random = new Random(6);
        String[] letters = {"a", "A", "b", "B", "z", "Z", "0"};
        String[] lower = {"a", "b", "z", "0"};
        for (int i = 0; i < 50_000; i++) {
            String text = text(random, letters, random.nextInt(90));
            String part = text(random, lower, 1 + random.nextInt(4));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Needle needle = Needle.of(part.getBytes(StandardCharsets.UTF_8));
            String folded = text.toLowerCase(Locale.ROOT);
            assertEquals(
                    folded.indexOf(part),
                    needle.find(bytes, 0, bytes.length),
                    part + " in " + text);
        }
    }

    private static void noPause() {}

    private static String text(Random random, String[] pieces, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }
}
