package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.stream.Stream;

/** Who a file is, whatever was renamed, copied, cut off, compressed or made anew. */
class LineageTest extends AdapterTest {

    private static final String HEADING = "======== order desk 3.1, started by init ========\n";

    private void delivered() {
        Wait.until(
                () -> adapter.tailer().files().stream().allMatch(f -> f.lagBytes() == 0),
                () -> "lag");
    }

    private void truncationSeen() {
        Wait.until(
                () ->
                        adapter.tailer().files().stream()
                                .anyMatch(
                                        f ->
                                                f.path().equals(file)
                                                        && f.acked().offset() == 0
                                                        && f.note() == null),
                () -> "truncation not seen");
    }

    @Test
    void tellsTheBytesThatNobodyHasAnyMore() throws IOException {
        append(file, lines(0, 10));
        start();
        arrived(10);
        central.mood(Mood.UNAVAILABLE);
        append(file, lines(10, 15));
        Wait.until(
                () -> adapter.tailer().files().getFirst().lagBytes() == lines(10, 15).length(),
                () -> "not seen");
        Files.writeString(file, lines(15, 20));
        truncationSeen();
        central.mood(Mood.WELL);
        arrived(16);
        assertEquals(
                orders(15, 20),
                central.bodies().stream().skip(10).filter(b -> b.startsWith("order")).toList());
        var gap =
                central.received().stream()
                        .filter(r -> r.record().toString().contains("log.gap.bytes"))
                        .toList();
        assertEquals(1, gap.size());
        assertEquals(13, gap.getFirst().record().getSeverityNumberValue());
        assertEquals(lines(0, 15).length() - 1, gap.getFirst().position());
        assertEquals(central.received().getFirst().fileId(), gap.getFirst().fileId());
        assertEquals(List.of((long) lines(10, 15).length()), gaps());
        assertEquals(lines(10, 15).length(), adapter.counts().gapBytes.sum());
        Wait.until(() -> adapter.checkpoint().gaps().isEmpty(), () -> "gap still to be told");
    }

    /** The writer's own race: it wrote between the copy and the truncation, and that was read. */
    @Test
    void sendsNothingTwiceWhenMoreWasReadThanTheCopyHas() throws IOException {
        append(file, lines(0, 20));
        start();
        arrived(20);
        Files.copy(file, folder.resolve("copy"));
        append(file, lines(20, 25));
        arrived(25);
        Files.writeString(file, "");
        Files.move(folder.resolve("copy"), logs.resolve("app.log.1"));
        Wait.until(
                () ->
                        adapter.tailer().files().stream()
                                .anyMatch(
                                        f ->
                                                f.path().endsWith("app.log.1")
                                                        && !f.id().isEmpty()
                                                        && f.lagBytes() == 0),
                () -> adapter.tailer().files().toString());
        append(file, lines(25, 30));
        arrived(30);
        assertEquals(orders(0, 30), central.bodies());
        assertEquals(0, adapter.counts().gaps.sum());
    }

    /** The same race; what was read is noted, and the far end was away. */
    @Test
    void readsTheCopyThatEndsBeforeWhatWasNoted() throws IOException {
        write(file, 0, 20);
        startOfWholes();
        arrived(20);
        notedWhileAway(20, 30);
        append(logs.resolve("app.log.1"), lines(0, 25));
        Files.writeString(file, lines(30, 40));
        truncationSeen();
        central.mood(Mood.WELL);
        arrived(36);
        assertEquals(
                Stream.concat(orders(0, 25).stream(), orders(30, 40).stream()).sorted().toList(),
                sorted(central.bodies().stream().filter(b -> b.startsWith("order")).toList()));
        assertEquals(List.of((long) lines(25, 30).length()), gaps());
        assertEquals(0, central.repeats());
    }

    /**
     * Killed before the answer to its first batch, which ends with a stack trace; then the file is
     * copied, truncated and written anew, with the same trace in the same place.
     */
    @Test
    void isNotConfusedByAStackTraceInTheSamePlace() throws Exception {
        String trace = "java.lang.Error: broken\n" + "\tat shop.A.b(A.java:1)\n".repeat(9);
        central.mood(Mood.CUT_AFTER_STORING);
        append(file, lines(1000, 1020) + trace);
        start();
        arrived(20);
        Path killed = folder.resolve("state-after-kill");
        copy(state, killed);
        adapter.close();
        central.mood(Mood.WELL);
        Files.copy(file, logs.resolve("app.log.1"));
        Files.writeString(file, lines(1020, 1040) + trace + lines(1040, 1050));
        state = killed;
        start();
        arrived(50);
        assertEquals(orders(1000, 1050), firstLines().toList());
    }

    /** The same with what was acknowledged, line by line, and lines that are all alike. */
    @Test
    void isNotConfusedByLinesThatComeAgainAndAgain() throws Exception {
        String beat = "still alive\n";
        start();
        append(file, lines(1000, 1010));
        arrived(10);
        for (int i = 1; i <= 5; i++) {
            append(file, beat);
            arrived(10 + i);
        }
        delivered();
        adapter.stop();
        Files.copy(file, logs.resolve("app.log.1"));
        Files.writeString(file, lines(1010, 1020) + beat.repeat(5) + lines(1020, 1030));
        start();
        arrived(35);
        assertEquals(
                orders(1000, 1030), firstLines().filter(line -> !line.startsWith("s")).toList());
        assertEquals(5, firstLines().filter(line -> line.startsWith("s")).count());
    }

    private Stream<String> firstLines() {
        return central.bodies().stream().map(body -> body.split("\n", 2)[0]).sorted();
    }

    @Test
    void isNotConfusedByAHeadingAfterTruncation() throws IOException {
        append(file, HEADING);
        start();
        arrived(1);
        for (int round = 2; round <= 4; round++) {
            Files.writeString(file, "");
            Wait.until(
                    () -> adapter.tailer().files().getFirst().size() == 0, () -> "not truncated");
            append(file, HEADING);
            arrived(round);
        }
        append(file, lines(0, 3));
        arrived(7);
        assertEquals(orders(0, 3), central.bodies().subList(4, 7));
        assertEquals(
                4, central.bodies().stream().filter(b -> b.contains("started by init")).count());
    }

    /** As {@code date > file} does again and again: only its content tells. */
    @Test
    void readsAFileThatIsWrittenAnewToTheSameSize() throws IOException {
        start();
        for (int i = 10; i < 40; i++) {
            Files.writeString(file, line(i));
            arrived(i - 9);
        }
        central.answerLate(Duration.ofMillis(100));
        for (int i = 40; i < 45; i++) {
            Files.writeString(file, line(i));
            long requests = central.requests();
            // The next comes while this one is under way.
            Wait.until(() -> central.requests() > requests, central::requests);
        }
        arrived(35);
        assertEquals(orders(10, 45), central.bodies());
    }

    /** Twice before it is looked at, each time with as much as before. */
    @Test
    void findsTheCopyOfAFileThatIsAsLargeAsBefore() throws IOException {
        write(file, 100, 200);
        start();
        arrived(100);
        for (int round = 2; round < 4; round++) {
            write(file, round * 100, round * 100 + 50);
            Files.copy(file, logs.resolve("app.log." + round));
            Files.writeString(file, lines(round * 100 + 50, round * 100 + 100));
            arrived(round * 100);
        }
        assertEquals(orders(100, 400), central.bodies().stream().sorted().toList());
        assertEquals(0, central.repeats());
    }

    @Test
    void isNotConfusedByAHeadingOfAFileMadeAnew() throws IOException {
        append(file, HEADING);
        start();
        for (int round = 1; round <= 5; round++) {
            arrived(round);
            delivered();
            Files.delete(file);
            append(file, HEADING);
        }
        arrived(6);
        assertEquals(6, central.bodies().size());
    }

    @Test
    void isNotConfusedByAHeadingOfAFileMadeAnewWhileItWasAway() throws Exception {
        for (int round = 1; round <= 4; round++) {
            Files.deleteIfExists(file);
            append(file, HEADING);
            start();
            arrived(round);
            adapter.stop();
        }
        assertEquals(4, central.count());
    }

    @Test
    void goesOnAfterTheCheckpointWasLostOnlyWithTheSameFile() throws Exception {
        append(file, HEADING + lines(0, 5));
        start();
        arrived(6);
        adapter.stop();
        Files.delete(state.resolve("checkpoint.journal"));
        append(file, lines(5, 8));
        start();
        arrived(9);
        assertEquals(1, central.repeats());
        adapter.stop();
        Files.delete(state.resolve("checkpoint.journal"));
        Files.delete(file);
        append(file, HEADING + lines(8, 9));
        start();
        arrived(11);
        assertEquals(1, central.repeats());
    }

    /** A burst of new files, each with more than a worker takes in one turn; then growth of all. */
    @Test
    void readsManyFilesWithFewDescriptors() throws IOException {
        int many = 200;
        central.answerLate(Duration.ofMillis(2));
        start("adapter.max-open-files", "8");
        LongAccumulator most = new LongAccumulator(Math::max, 0);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < many; i++) {
                int first = 6 * i + 2 * round;
                append(logs.resolve("batch-" + i + ".log"), lines(first, first + 2));
            }
            int expected = 2 * many * (round + 1);
            Wait.until(() -> seen(most) && central.count() >= expected, central::count);
        }
        expectOfAll(6 * many);
        assertEquals(many, adapter.tailer().files().size());
        assertTrue(most.get() > 0 && most.get() <= 8, "descriptors: " + most);
    }

    private boolean seen(LongAccumulator most) {
        for (int look = 0; look < 10; look++) {
            most.accumulate(open(logs));
        }
        return true;
    }

    /** How many files in a folder this process holds open, as the kernel tells it. */
    private static long open(Path folder) {
        long count = 0;
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    Path file = Files.readSymbolicLink(descriptor);
                    count += file.startsWith(folder) && !file.equals(folder) ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // It was closed meanwhile.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count;
    }
}
