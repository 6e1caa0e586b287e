package dev.pillion.central.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pillion.central.Seeds;
import dev.pillion.central.store.Condition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

class QueryParserTest {

    private static Condition.Text word(String text) {
        return new Condition.Text("", text, true, true);
    }

    @Test
    void readsTheLanguage() {
        assertEquals(new Condition.Everything(), QueryParser.parse("  "));
        assertEquals(word("a"), QueryParser.parse("a"));
        assertEquals(
                new Condition.And(List.of(word("a"), word("b c"))), QueryParser.parse("a \"b c\""));
        assertEquals(
                new Condition.Or(
                        List.of(
                                new Condition.And(List.of(word("a"), word("b"))),
                                new Condition.Not(word("c")))),
                QueryParser.parse("a AND b OR NOT c"));
        assertEquals(
                new Condition.And(
                        List.of(new Condition.Or(List.of(word("a"), word("b"))), word("c"))),
                QueryParser.parse("(a OR b) c"));
        assertEquals(
                new Condition.Text("service.name", "orders", true, true),
                QueryParser.parse("service.name:orders"));
        assertEquals(
                new Condition.Exact("k8s.pod/name", "a b"),
                QueryParser.parse("\"k8s.pod/name\":=\"a b\""));
        assertEquals(new Condition.Severity(13, 24), QueryParser.parse("severity:>=WARN"));
        assertEquals(new Condition.Severity(17, 20), QueryParser.parse("severity:error"));
        assertEquals(new Condition.Severity(1, 12), QueryParser.parse("severity:<warn"));
        assertEquals(
                new Condition.Range("status", "500", true, "599", true),
                QueryParser.parse("status:[500 TO 599]"));
        assertEquals(
                new Condition.Range("n", "", false, "3", false), QueryParser.parse("n:{* TO 3}"));
        assertEquals(new Condition.Text("", "con", true, false), QueryParser.parse("con*"));
        assertEquals(new Condition.Text("", "con", false, false), QueryParser.parse("*con*"));
        assertEquals(new Condition.Exists("trace_id"), QueryParser.parse("trace_id:*"));
        assertEquals(new Condition.Not(word("a")), QueryParser.parse("-a"));
        assertEquals(word("~user"), QueryParser.parse("~user"));
        assertEquals(word("a~b"), QueryParser.parse("a~b"));
        assertEquals(word("a~2"), QueryParser.parse("a\\~2"));
        assertEquals(word("http://x:80/"), QueryParser.parse("\"http://x:80/\""));
    }

    @Test
    void pointsAtTheColumn() {
        for (Object[] wrong :
                new Object[][] {
                    {"a AND", 6},
                    {"(a", 1},
                    {"a)", 2},
                    {"a \"b", 3},
                    {"/a", 1},
                    {"/a(/", 4},
                    {"n:", 3},
                    {"n:[1 2]", 6},
                    {"n:[1 TO 2", 3},
                    {"severity:loud", 10},
                    {"OR a", 1},
                    {"alike~", 6},
                    {"a alike~2", 8},
                    {"n:weighed^1.5", 10},
                    {"\"a b\"~3", 6},
                }) {
            QuerySyntax syntax =
                    assertThrows(QuerySyntax.class, () -> QueryParser.parse((String) wrong[0]));
            assertEquals(wrong[1], syntax.column(), wrong[0] + ": " + syntax.getMessage());
        }
    }

    @Test
    void answersAnyTextWithAConditionOrAColumn() {
        Random random = Seeds.fresh("queries");
        String[] parts = {
            "a",
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "\"",
            "/",
            ":",
            "[",
            "]",
            "{",
            "}",
            "TO",
            "*",
            "?",
            "-",
            "\\",
            " ",
            ">=",
            "=",
            "severity:",
            "ü",
            "1",
            "|",
            "&&",
            "!"
        };
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(12); k >= 0; k--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                QueryParser.parse(text.toString());
            } catch (QuerySyntax e) {
                if (e.column() < 1 || e.column() > text.length() + 1) {
                    throw new AssertionError(text + " → column " + e.column(), e);
                }
            } catch (RuntimeException e) {
                throw new AssertionError(text.toString(), e);
            }
        }
    }
}
