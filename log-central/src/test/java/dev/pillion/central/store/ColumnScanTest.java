package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.RandomLogs;
import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.query.QueryParser;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** What is decided column by column must be what is decided record by record. */
class ColumnScanTest {

    private static final String LONG_WORD =
            "a_word_that_is_longer_than_the_thirty_two_bytes_of_a_needle";

    private static final String[] QUERIES = {
        "order",
        "*rde*",
        "\"order a\"",
        "strasse OR straße",
        "日本",
        "/o.d[e]r/",
        "/ORDER.*a/i",
        "/^a/",
        "/(order|key)\\.with/",
        "NOT order",
        "severity:>=WARN AND order",
        "severity:INFO OR (a AND NOT 0)",
        "severity_text:order",
        "severity_number:>=9",
        "event:*",
        "event:order",
        "trace_id:*",
        "traceId:* AND eventName:order AND severityNumber:>=9",
        "body:order",
        "body:*",
        "message:/a$/",
        "thread.name:worker-3",
        "thread.name:=\"worker-3\"",
        "log.file.position:>50000",
        "log.file.position:/^4/",
        "log.file.position:*",
        "key.with.dots:*",
        "a:*",
        "order:5",
        "logger:dev.example",
        "scope:other",
        "scope.attribute:x",
        "service.name:shop",
        "service.name:other",
        "needle4711x",
        "*eedle47*",
        "worker-7 AND *eedle*",
        "/\\d{2} needle/",
        "/line \\d+$/",
        "/[ln]e+d|line 1\\d/",
        "/(?i)LINE 3/",
        "/\\d .*47..x/",
        "/\\w+ [^4]*(é|日|of_a_needle)/",
        LONG_WORD,
        "*longer_than_the_thirty_two_bytes_of_a_nee*",
        "*longer_than_the_thirty_two_bytes_of_a_nail*",
        "nothing_has_this"
    };

    private static Rows rows(long seed, int count) {
        RandomLogs logs = new RandomLogs(seed);
        Random random = new Random(seed);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int[] offsets = new int[count + 1];
        long[] numbers = new long[count];
        long[] times = new long[count];
        int[] scope = new int[count];
        byte[] severities = new byte[count];
        for (int i = 0; i < count; i++) {
            LogRecord record = logs.record();
            if (random.nextInt(3) > 0) {
                LogRecord.Builder plain = record.toBuilder();
                plain.setBody(
                        text(
                                "line "
                                        + i
                                        + (random.nextInt(9) == 0 ? " needle4711x" : "")
                                        + (random.nextInt(9) == 0 ? " " + LONG_WORD : "")));
                plain.addAttributes(
                        KeyValue.newBuilder()
                                .setKey("thread.name")
                                .setValue(text("worker-" + random.nextInt(9))));
                record = plain.build();
            }
            data.writeBytes(record.toByteArray());
            offsets[i + 1] = data.size();
            numbers[i] = i;
            times[i] = 1_790_000_000_000_000_000L + i;
            scope[i] = random.nextInt(2);
            severities[i] = (byte) random.nextInt(25);
        }
        Origin resource =
                new Origin(
                        Resource.newBuilder()
                                .addAttributes(
                                        KeyValue.newBuilder()
                                                .setKey("service.name")
                                                .setValue(text("shop")))
                                .build()
                                .toByteArray(),
                        "");
        return new Rows(
                resource,
                new Origin[] {scope("dev.example"), scope("other")},
                data.toByteArray(),
                offsets,
                times,
                numbers,
                scope,
                severities,
                count);
    }

    private static AnyValue text(String text) {
        return AnyValue.newBuilder().setStringValue(text).build();
    }

    private static Origin scope(String name) {
        return new Origin(
                InstrumentationScope.newBuilder()
                        .setName(name)
                        .addAttributes(
                                KeyValue.newBuilder()
                                        .setKey("scope.attribute")
                                        .setValue(text(name.equals("other") ? "x" : "y")))
                        .build()
                        .toByteArray(),
                "");
    }

    @Test
    void decidesAsRecordByRecord() {
        try (Space space = new Space()) {
            decidesAsRecordByRecord(space);
        }
    }

    private static void decidesAsRecordByRecord(Space space) {
        for (long seed = 1; seed <= 12; seed++) {
            Rows rows = rows(seed, (int) seed * 40);
            byte[] chunk = new ColumnsWriter(rows).encode();
            List<String> matched = new ArrayList<>();
            for (String query : QUERIES) {
                for (boolean few : new boolean[] {false, true}) {
                    Matcher matcher =
                            Matcher.of(
                                    QueryParser.parse(query), new Deadline(Duration.ofMinutes(1)));
                    BitSet expected = new BitSet();
                    BitSet among = new BitSet();
                    for (int row = 0; row < rows.count(); row += few ? 17 : 1) {
                        among.set(row);
                        expected.set(row, matcher.test(rows, row));
                    }
                    ColumnsReader columns =
                            new ColumnsReader(
                                    chunk, 0, chunk.length, space, rows.resource(), rows.scopes());
                    columns.retain(among, matcher);
                    assertEquals(expected, among, query + ", seed " + seed);
                    if (!expected.isEmpty()) {
                        matched.add(query);
                    }
                }
            }
            if (seed == 12) {
                // A query that never matches would prove little.
                List<String> silent = new ArrayList<>(Arrays.asList(QUERIES));
                silent.removeAll(matched);
                assertTrue(silent.size() <= 5, silent.toString());
            }
        }
    }

    @Test
    void wordsOfColumnsChooseWhateverMatches() {
        for (long seed = 1; seed <= 5; seed++) {
            Rows rows = rows(seed, 200);
            ColumnsWriter columns = new ColumnsWriter(rows);
            ChunkWords byColumn = ChunkWords.ofRecords(rows, columns.columns());
            ChunkWords byRecord = new ChunkWords();
            for (int row = 0; row < rows.count(); row++) {
                Values.anywhere(rows, row, byRecord);
            }
            assertEquals(byRecord.all(), byColumn.all());
        }
    }
}
