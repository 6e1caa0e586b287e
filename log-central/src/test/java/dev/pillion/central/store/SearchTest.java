package dev.pillion.central.store;

import static dev.pillion.central.store.Stores.allPages;
import static dev.pillion.central.store.Stores.append;
import static dev.pillion.central.store.Stores.awaitChunks;
import static dev.pillion.central.store.Stores.open;
import static dev.pillion.central.store.Stores.request;
import static dev.pillion.central.store.Stores.send;
import static dev.pillion.central.store.Stores.soon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What a search finds, in the head and in chunks, and in which order. */
class SearchTest {

    @TempDir Path directory;

    @Test
    void findsPartsOfWordsInChunks() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofMillis(1))) {
            send(store, 0, 300, System.currentTimeMillis() * 1_000_000);
            awaitChunks(store, 6);
            Condition part = new Condition.Text("", "mber29", false, false);
            // number29 and number290 to number299
            assertEquals(
                    11,
                    store.search(
                                    new Selection(part, Long.MIN_VALUE, Long.MAX_VALUE),
                                    Optional.empty(),
                                    true,
                                    100,
                                    soon())
                            .records()
                            .size());
        }
    }

    /** Whatever words choose the chunks, the pattern decides. */
    @Test
    void findsInChunksWhatThePatternFinds() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofMillis(1))) {
            send(store, 0, 300, System.currentTimeMillis() * 1_000_000);
            awaitChunks(store, 6);
            for (String regex :
                    List.of(
                            "number29\\d?$",
                            "^record number",
                            "(number1|number2)5",
                            "(number1|absent)5",
                            "(record|absent) number8",
                            "(record|absent)_number8",
                            "\\w{3}ber(11|22)",
                            "d numb[^1-8]+r?4\\d\\b",
                            "(?i)RECORD NUMBER7",
                            "cord.*2{2}",
                            "absent|x")) {
                Pattern pattern = Pattern.compile(regex);
                long expected =
                        IntStream.range(0, 300)
                                .filter(i -> pattern.matcher("record number" + i).find())
                                .count();
                Condition found = new Condition.Regex("", pattern);
                assertEquals(
                        expected,
                        store.search(
                                        new Selection(found, Long.MIN_VALUE, Long.MAX_VALUE),
                                        Optional.empty(),
                                        true,
                                        1000,
                                        soon())
                                .records()
                                .size(),
                        regex);
            }
        }
    }

    @Test
    void givesTheRecordsAroundOne() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            send(store, 0, 300, 5);
            List<Long> numbers =
                    store.context(151, ResourceFilter.ALL, 3, 2, soon()).stream()
                            .map(StoredRecord::number)
                            .toList();
            assertEquals(List.of(148L, 149L, 150L, 151L, 152L, 153L), numbers);
            assertEquals(List.of(), store.context(5000, ResourceFilter.ALL, 3, 2, soon()));
        }
    }

    @Test
    void pagesThroughEqualTimesWithoutSkippingOrRepeating() throws Exception {
        long time = System.currentTimeMillis() * 1_000_000;
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            for (int i = 0; i < 1000; i += 100) {
                send(store, i, i + 100, time);
            }
            List<Long> all = IntStream.range(0, 1000).mapToObj(i -> i + 1L).toList();
            assertEquals(all, allPages(store, false, 7));
            assertEquals(all.reversed(), allPages(store, true, 7));
        }
    }

    @Test
    void endsAPageEarlyWhenItsRecordsAreLong() throws Exception {
        try (EmbeddedStore store = open(directory, Duration.ofHours(1))) {
            for (int i = 0; i < 12; i++) {
                byte[] body = request("number" + i + " " + "x".repeat(900_000));
                append(store, body, i, Duration.ofSeconds(30)).get();
            }
            List<Long> all = IntStream.range(0, 12).mapToObj(i -> i + 1L).toList();
            assertEquals(all, allPages(store, false, 1000));
            assertEquals(all.reversed(), allPages(store, true, 1000));
        }
    }
}
