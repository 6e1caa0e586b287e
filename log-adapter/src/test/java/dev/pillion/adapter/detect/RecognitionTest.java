package dev.pillion.adapter.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.adapter.JsonText;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Real systems' logs, libraries' layouts and drawn header grammars, against known answers. */
class RecognitionTest {

    private static final Path LOGS = Path.of("../../shared/logs");

    @Test
    void readsTimeSeverityAndBodyOfEverySample() throws IOException {
        assumeTrue(
                Files.isDirectory(LOGS),
                "skipped: no log samples at ../shared/logs beside the checkout");
        TreeMap<String, String> wrong = new TreeMap<>();
        for (String folder : List.of("samples", "real", "dialects")) {
            try (Stream<Path> files = Files.list(LOGS.resolve(folder))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
                    String answers = file.getFileName().toString().replace(".log", ".jsonl");
                    Path expected =
                            LOGS.resolve(folder.equals("samples") ? "expected" : folder)
                                    .resolve(answers);
                    int misses = misses(file, Files.readAllLines(expected));
                    if (misses > 0) {
                        wrong.put(file.getFileName().toString(), misses + " records wrong");
                    }
                }
            }
        }
        assertEquals(new TreeMap<String, String>(), wrong);
    }

    private static int misses(Path file, List<String> expected) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Stamp stamp = new Stamp(ZoneOffset.UTC, Instant.parse("2024-12-31T23:59:59Z"));
        int sample = Math.min(bytes.length, Detector.SAMPLE_BYTES);
        while (sample < bytes.length && bytes[sample - 1] != '\n') {
            sample--;
        }
        Dialect dialect = Detector.detect(bytes, 0, sample, stamp).dialect();
        Framer framer = new Framer(1 << 20, Integer.MAX_VALUE);
        framer.frame(bytes, 0, bytes.length, Framer.Tail.CLOSED, dialect, stamp);
        RecordParser parser = new RecordParser();
        parser.use(dialect, stamp);
        ParsedRecord record = new ParsedRecord();
        int wrong = Math.abs(expected.size() - framer.count());
        for (int i = 0; i < Math.min(expected.size(), framer.count()); i++) {
            parser.parse(bytes, framer, i, record);
            Map<String, Object> answer = JsonText.object(expected.get(i));
            boolean right =
                    answer.get("offset").equals(String.valueOf(framer.start(i)))
                            && accepted(answer, "time_unix_nano", "time_accept")
                                    .contains(String.valueOf(record.timeNanos()))
                            && accepted(answer, "severity_number", "severity_accept").stream()
                                    .anyMatch(s -> quadruple(s) == quadruple(record.severity()))
                            && accepted(answer, "body", "body_accept")
                                    .contains(record.body().toString().strip());
            wrong += right ? 0 : 1;
        }
        return wrong;
    }

    private static int quadruple(Object number) {
        int n = Integer.parseInt(String.valueOf(number));
        return n == 0 ? 0 : (n - 1) / 4 + 1;
    }

    private static Set<String> accepted(Map<String, Object> answer, String name, String more) {
        Set<String> values = new HashSet<>();
        values.add(text(answer.get(name)));
        if (answer.get(more) instanceof List<?> others) {
            others.forEach(v -> values.add(text(v)));
        }
        return values;
    }

    private static String text(Object value) {
        String text = String.valueOf(value).strip();
        return text.equals("null") ? "0" : text;
    }
}
