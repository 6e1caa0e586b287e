package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.tail.TailedFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** An adapter between a folder and a stand-in for log-central, and numbered lines for both. */
abstract class AdapterTest {

    @TempDir Path folder;
    Path logs;
    Path state;
    Path file;
    FakeCentral central;
    Adapter adapter;

    @BeforeEach
    void begin() throws IOException {
        logs = Files.createDirectories(folder.resolve("logs"));
        state = Files.createDirectories(folder.resolve("state"));
        file = logs.resolve("app.log");
        central = new FakeCentral();
    }

    @AfterEach
    void end() throws IOException {
        if (adapter != null) {
            adapter.close();
        }
        central.close();
    }

    void start(String... more) throws IOException {
        adapter = Rig.start(Rig.settings(logs, state, central.endpoint(), more));
    }

    /** A line without its end. */
    static String line(int number, String text) {
        return "2026-11-22 20:51:%02d,%03d INFO  [main] shop.Orders - %s"
                .formatted(number / 1000 % 60, number % 1000, text);
    }

    static String line(int number) {
        return line(number, "order " + number) + "\n";
    }

    static String lines(int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(line(i));
        }
        return text.toString();
    }

    static void append(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    static void write(Path file, int from, int to) throws IOException {
        append(file, lines(from, to));
    }

    /** Of a folder: what a process that was killed has left there. */
    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** What the lines become. */
    static List<String> orders(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "order " + i).toList();
    }

    static List<String> sorted(Collection<String> bodies) {
        return bodies.stream().sorted().toList();
    }

    void arrived(int count) {
        Wait.until(
                () -> central.count() >= count,
                () -> central.count() + " of " + count + " " + central.bodies());
    }

    /** These arrive, in this order, and nothing else. */
    void expect(List<String> bodies) {
        arrived(bodies.size());
        assertEquals(bodies, central.bodies());
        assertEquals(0, central.outOfOrder());
    }

    /** These lines arrive, in this order, and nothing else. */
    void expect(int from, int to) {
        expect(orders(from, to));
    }

    /** The first lines arrive, from whichever files, and nothing else. */
    void expectOfAll(int count) {
        arrived(count);
        assertEquals(sorted(orders(0, count)), sorted(central.bodies()));
    }

    /**
     * A batch is noted only when its last record is whole too, and not because it is old enough.
     */
    void startOfWholes() throws IOException {
        start("adapter.batch-age", "PT60S");
    }

    /**
     * The far end goes away; then these lines are written and noted, all of them. A worker that
     * still has the file, or was given what is old enough, would note them without the last, and
     * what is noted is sent again as it is.
     */
    void notedWhileAway(int from, int to) throws IOException {
        Wait.until(
                () ->
                        adapter.tailer().files().stream()
                                .allMatch(f -> f.lagBytes() == 0 && !f.busy()),
                this::places);
        central.mood(FakeCentral.Mood.UNAVAILABLE);
        append(file, lines(from, to));
        long end = Files.size(file);
        Wait.until(
                () ->
                        adapter.tailer().files().stream()
                                .anyMatch(f -> f.note() != null && f.note().to() == end),
                this::places);
    }

    private String places() {
        return adapter.tailer().files().stream().map(TailedFile::place).toList().toString();
    }

    /** How many bytes are told to be lost, a record each. */
    List<Long> gaps() {
        return central.received().stream()
                .flatMap(r -> r.record().getAttributesList().stream())
                .filter(a -> a.getKey().equals("log.gap.bytes"))
                .map(a -> a.getValue().getIntValue())
                .toList();
    }

    /** So many records are counted here, and so many at the far end. */
    void counts(long here, long there) {
        String id = adapter.tailer().files().getFirst().id();
        Wait.until(
                () ->
                        adapter.reconciliation()
                                .of(id)
                                .filter(both -> both.here().records() == here)
                                .filter(both -> both.there().records() == there)
                                .isPresent(),
                () -> adapter.reconciliation().of(id));
    }
}
