package dev.pillion.central.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Seeds;
import dev.pillion.central.query.QuerySyntax;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.ResourceFilter;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.Random;

class LogQlParserTest {

    @Test
    void readsSelectors() {
        LogQl.Lines lines = LogQlParser.parseLines("{service_name=\"a\", k8s_pod_name !~ `b.*`, }");
        List<ResourceFilter> parts = ((ResourceFilter.Both) lines.resources()).parts();
        assertEquals(2, parts.size());
        ResourceFilter.Matches first = (ResourceFilter.Matches) parts.getFirst();
        assertEquals("service.name", first.attribute());
        assertTrue(first.wanted() && first.pattern().matcher("a").matches());
        ResourceFilter.Matches second = (ResourceFilter.Matches) parts.getLast();
        assertEquals("k8s.pod.name", second.attribute());
        assertTrue(!second.wanted() && second.pattern().matcher("bcd").matches());
        assertEquals(new Condition.Everything(), lines.condition());
    }

    @Test
    void makesSeveritiesOfLevels() {
        assertEquals(
                new Condition.And(
                        List.of(
                                new Condition.Or(
                                        List.of(
                                                new Condition.Severity(13, 16),
                                                new Condition.Severity(17, 20))))),
                LogQlParser.parseLines("{level=~\"error|warn\"}").condition());
        assertEquals(
                new Condition.And(List.of(new Condition.Or(List.of(new Condition.Severity(0, 0))))),
                LogQlParser.parseLines("{} | detected_level=`unknown`").condition());
    }

    @Test
    void readsLineFilters() {
        LogQl.Lines lines =
                LogQlParser.parseLines(
                        "{} |= \"a\\n\\\"b\\u00fc\" != `c` |~ `d+` or \"e\" !~ \"f\" |= \"\" | drop x, y");
        List<Condition> parts = ((Condition.And) lines.condition()).parts();
        assertEquals(5, parts.size());
        assertEquals(
                new Condition.Text("body", "a\n\"bü", false, false),
                ((Condition.And) parts.get(0)).parts().getFirst());
        assertTrue(parts.get(1) instanceof Condition.Not);
        assertEquals(2, ((Condition.Or) parts.get(2)).parts().size());
        assertTrue(parts.get(3) instanceof Condition.Not);
        assertEquals(new Condition.Everything(), parts.get(4));
    }

    @Test
    void readsCounts() {
        for (String text :
                List.of(
                        "sum by (level, detected_level) (count_over_time({} | drop __error__[1m30s]))",
                        "sum(count_over_time({}[90s])) by (level,detected_level)")) {
            LogQl.Counts counts = (LogQl.Counts) LogQlParser.parse(text);
            assertEquals(90 * LokiTimes.SECOND, counts.range());
            assertEquals(Optional.of(List.of("level", "detected_level")), counts.by());
        }
        assertEquals(
                Optional.empty(),
                ((LogQl.Counts) LogQlParser.parse("rate({service_name=\"a\"}[5m])")).by());
        assertEquals(new LogQl.Constant(2), LogQlParser.parse("vector(1)+vector(1)"));
    }

    @Test
    void pointsAtWhatIsWrong() {
        Object[][] wrong = {
            {"", 1, "a stream selector is expected: {label=\"value\"}"},
            {"{", 2, "a label's name is expected"},
            {"{a", 3, "one of = != =~ !~ is expected"},
            {"{foo=\"x\"}", 2, "'foo' is not a label here;"},
            {"{level=x}", 8, "a string is expected"},
            {"{level=\"x}", 8, "this '\"' is not closed"},
            {"{level=\"\\q\"}", 9, "'\\q' is not an escape"},
            {"{level=~\"(\"}", 9, "not a regular expression"},
            {"{level=\"x\" level=\"y\"}", 12, "',' or '}' is expected"},
            {"{} | json", 6, "'json' is not taken here"},
            {"{} |", 5, "a label's name is expected"},
            {"{} x", 4, "unexpected 'x'"},
            {"topk(5, rate({}[1m]))", 1, "'topk' is not taken here"},
            {"sum(topk(1))", 5, "sum is taken of count_over_time or rate only"},
            {"sum without (a) (rate({}[1m]))", 5, "without is not taken here"},
            {"rate({})", 8, "'[' is expected"},
            {"rate({}[x])", 9, "a duration is expected"},
            {"rate({}[0s])", 9, "a duration is expected"},
            {"vector(x)", 8, "a number is expected"},
        };
        for (Object[] one : wrong) {
            QuerySyntax syntax =
                    assertThrows(
                            QuerySyntax.class,
                            () -> LogQlParser.parse((String) one[0]),
                            (String) one[0]);
            assertEquals(one[1], syntax.column(), one[0] + ": " + syntax.getMessage());
            assertTrue(
                    syntax.getMessage().startsWith((String) one[2]),
                    one[0] + ": " + syntax.getMessage());
        }
    }

    /** Whatever comes is understood or refused at a column of it, and soon. */
    @Test
    void survivesAnything() {
        String[] parts = {
            "{",
            "}",
            "level",
            "service_name",
            "=",
            "=~",
            "!~",
            "\"",
            "`",
            "a",
            "(",
            ")",
            "[",
            "]",
            "5m",
            "|",
            "|=",
            "|~",
            "sum",
            "by",
            "rate",
            "count_over_time",
            "vector",
            ",",
            " ",
            "\\",
            "drop",
            "or",
            "\u00fc",
            "\ud83d",
            "1e9",
            "\n"
        };
        Random random = Seeds.fresh("LogQL");
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int part = random.nextInt(20); part >= 0; part--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                LogQlParser.parse(text.toString());
            } catch (QuerySyntax e) {
                assertTrue(
                        e.column() >= 1 && e.column() <= text.length() + 1,
                        text + " column " + e.column());
            } catch (RuntimeException e) {
                throw new AssertionError(text.toString(), e);
            }
        }
    }

    @Test
    void readsTimesAsLokiDoes() {
        assertEquals(1_700_000_000_000_000_000L, LokiTimes.time("t", "1700000000", 0));
        assertEquals(1_700_000_000_500_000_000L, LokiTimes.time("t", "1700000000.5", 0));
        assertEquals(1_700_000_000_000_000_001L, LokiTimes.time("t", "1700000000000000001", 0));
        assertEquals(1_700_000_000_000_000_000L, LokiTimes.time("t", "2023-11-14T22:13:20Z", 0));
        assertEquals("1700000000", LokiTimes.seconds(1_700_000_000_000_000_000L));
        assertEquals("1700000000.5", LokiTimes.seconds(1_700_000_000_500_000_000L));
        assertEquals(15 * LokiTimes.SECOND, LokiTimes.step("15"));
        assertEquals(250_000_000, LokiTimes.step("0.25"));
        assertThrows(IllegalArgumentException.class, () -> LokiTimes.step("0"));
        assertThrows(IllegalArgumentException.class, () -> LokiTimes.step("-5m"));
    }
}
