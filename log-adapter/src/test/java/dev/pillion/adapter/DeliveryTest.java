package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;

/** Every line once, in order, whatever happens to files, adapter and far end. */
class DeliveryTest extends AdapterTest {

    private void expect(int from, int to) {
        expect(orders(from, to));
    }

    @Test
    void shipsWhatIsThereAndWhatComes() throws IOException {
        write(file, 0, 50);
        start();
        expect(0, 50);
        write(file, 50, 60);
        expect(0, 60);
        var first = central.received().getFirst();
        assertEquals("shop.Orders", first.scope());
        assertEquals(9, first.record().getSeverityNumberValue());
        assertEquals(0, first.position());
        assertEquals(0, central.repeats());
    }

    @Test
    void hearsOfALineFromTheFileSystemLongBeforeItLooksAtTheFolders() throws IOException {
        write(file, 0, 5);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 5);
        write(file, 5, 10);
        expect(0, 10);
        append(logs.resolve("other.log"), line(10));
        expect(0, 11);
    }

    @Test
    void tellsNoSecretThatIsANumberOrHasEscapesOrStandsInAList() throws IOException {
        append(
                file,
                """
                {"message":"login","password":48151623,"pwd":-4.25,"token":"ab\\"cd ef","secret":true}
                {"message":"again","credentials":{"user":"x","key":"gh ij"},"apiKey":["kl","mn"],"n":42}
                """);
        start();
        Wait.until(() -> central.received().size() == 2, central::toString);
        String first = central.received().getFirst().record().toString();
        String second = central.received().getLast().record().toString();
        for (String part : List.of("48151623", "4.25", "ab", "cd", "ef", "bool_value")) {
            assertFalse(first.replace("log.file.position", "").contains(part), part + ": " + first);
        }
        for (String part : List.of("\"x\"", "gh", "ij", "kl", "mn")) {
            assertFalse(second.contains(part), part + ": " + second);
        }
        assertTrue(second.contains("int_value: 42"), second);
    }

    @Test
    void keepsAStackTraceInItsRecord() throws IOException {
        append(
                file,
                line(1)
                        + line(2)
                        + "java.lang.IllegalStateException: broken\n\tat shop.A.b(A.java:1)\n"
                        + "Caused by: java.io.IOException: pipe\n\t... 1 more\n"
                        + line(3));
        start();
        expect(
                List.of(
                        "order 1",
                        "order 2\njava.lang.IllegalStateException: broken\n\tat"
                                + " shop.A.b(A.java:1)\nCaused by: java.io.IOException: pipe\n"
                                + "\t... 1 more",
                        "order 3"));
        var traced = central.received().get(1).record().toString();
        assertTrue(traced.contains("exception.type"), traced);
        assertTrue(traced.contains("java.lang.IllegalStateException"), traced);
        Wait.until(() -> adapter.counts().lines.sum() == 7, adapter.counts().lines::sum);
        assertEquals(3, adapter.counts().records.sum());
    }

    @Test
    void holdsALineWithoutItsEndUntilItIsWhole() throws IOException {
        write(file, 0, 3);
        append(file, line(3).substring(0, 30));
        start("adapter.partial-line-time", "PT60S");
        expect(0, 3);
        append(file, line(3).substring(30));
        expect(0, 4);
    }

    @Test
    void takesALineWithoutItsEndAfterAQuietTime() throws IOException {
        append(file, line(0) + line(1).strip());
        start();
        expect(0, 2);
    }

    @Test
    void waitsWhileTheFarEndIsDownAndLosesNothing() throws IOException {
        central.mood(Mood.UNAVAILABLE);
        start();
        write(file, 0, 500);
        Wait.until(() -> central.requests() > 3, () -> central.requests());
        assertTrue(adapter.tailer().alive());
        write(file, 500, 1000);
        central.mood(Mood.WELL);
        expect(0, 1000);
        assertEquals(0, central.repeats());
    }

    @Test
    void sendsTheSameAgainAfterAnAmbiguousAnswer() throws IOException {
        central.mood(r -> central.requests() < 3 ? Mood.CUT_AFTER_STORING : Mood.WELL);
        write(file, 0, 300);
        start();
        expect(0, 300);
        write(file, 300, 310);
        expect(0, 310);
        assertTrue(central.repeats() >= 300, () -> "repeats " + central.repeats());
    }

    @Test
    void framesAlikeAfterACrashBetweenStoringAndAcknowledging() throws IOException {
        central.mood(r -> r.toString().contains("begun") ? Mood.CUT_AFTER_STORING : Mood.WELL);
        append(file, line(0) + line(1) + "java.lang.Error: begun\n");
        start();
        Wait.until(() -> central.count() == 2, central::count);
        // Abandoned as a kill would: nothing is closed, nothing written.
        Path crashed = folder.resolve("state-after-kill");
        copy(state, crashed);
        adapter.close();
        append(file, "\tat shop.A.b(A.java:1)\n" + line(2));
        central.mood(Mood.WELL);
        state = crashed;
        start();
        // The trace's rest is a record of its own rather than lost in the one already stored.
        expect(
                List.of(
                        "order 0",
                        "order 1\njava.lang.Error: begun",
                        "\tat shop.A.b(A.java:1)",
                        "order 2"));
        assertTrue(central.repeats() >= 1);
    }

    @Test
    void remembersItsPlaceOverARestart() throws Exception {
        write(file, 0, 100);
        start();
        expect(0, 100);
        adapter.stop();
        write(file, 100, 150);
        start();
        expect(0, 150);
        assertEquals(0, central.repeats());
        assertEquals(
                1,
                central.received().stream().map(FakeCentral.Received::fileId).distinct().count());
    }

    @Test
    void drainsWhatWasWrittenLastWhenItIsStopped() throws Exception {
        start("adapter.quiet-time", "PT60S", "adapter.partial-line-time", "PT60S");
        append(file, line(0) + line(1).strip());
        adapter.stop();
        expect(0, 2);
    }

    @Test
    void readsARenamedFileToItsEndAndTheNewOne() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        central.mood(Mood.UNAVAILABLE);
        write(file, 100, 200);
        Files.move(file, logs.resolve("app.log.1"));
        write(file, 200, 300);
        central.mood(Mood.WELL);
        expectOfAll(300);
        assertEquals(0, central.repeats());
    }

    private void deleteWhatWasNotSent() throws IOException {
        deleteUnsent();
        write(file, 200, 220);
    }

    private void deleteUnsent() throws IOException {
        central.mood(Mood.UNAVAILABLE);
        write(file, 100, 200);
        Wait.until(() -> central.requests() > 2, central::requests);
        Files.delete(file);
    }

    @Test
    void readsADeletedFileToItsEnd() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        deleteWhatWasNotSent();
        central.mood(Mood.WELL);
        expectOfAll(220);
    }

    /** Seen while it is empty: what is written to it is told of by the name they share. */
    @Test
    void readsANewFileOfTheNameOfADeletedOneAtOnce() throws IOException {
        write(file, 0, 100);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 100);
        deleteUnsent();
        Files.createFile(file);
        Wait.until(() -> adapter.tailer().files().size() == 2, () -> "the new file is not seen");
        write(file, 200, 220);
        central.mood(Mood.WELL);
        expectOfAll(220);
    }

    /** As soon as its pause is over: not when the folders happen to be listed again. */
    @Test
    void triesADeletedFileAgainAsSoonAsAnyOther() throws IOException {
        write(file, 0, 100);
        start("adapter.rescan-interval", "PT10M");
        expect(0, 100);
        deleteWhatWasNotSent();
        Wait.until(() -> adapter.tailer().files().size() == 2, () -> "the new file is not seen");
        central.mood(Mood.WELL);
        expectOfAll(220);
        assertEquals(0, central.repeats());
    }

    @Test
    void goesOnInTheCopyOfATruncatedFile() throws IOException {
        write(file, 0, 100);
        start();
        expect(0, 100);
        for (int round = 0; round < 3; round++) {
            int base = 100 + round * 100;
            central.mood(Mood.UNAVAILABLE);
            write(file, base, base + 50);
            Wait.until(
                    () ->
                            adapter.tailer().files().stream()
                                    .anyMatch(f -> f.path().equals(file) && f.lagBytes() > 0),
                    () -> "no lag");
            Files.copy(file, logs.resolve("app.log." + (round + 1)));
            Files.writeString(file, "");
            central.mood(Mood.WELL);
            int expected = base + 50;
            Wait.until(() -> central.count() >= expected, () -> central.count() + " " + expected);
            write(file, base + 50, base + 100);
            int then = base + 100;
            Wait.until(() -> central.count() >= then, () -> central.count() + " " + then);
        }
        expectOfAll(400);
        assertEquals(0, central.repeats());
    }

    @Test
    void setsAPoisonRecordAsideAndGoesOn() throws IOException {
        write(file, 0, 20);
        start();
        expect(0, 20);
        central.mood(r -> r.toString().contains("poison") ? Mood.REFUSE : Mood.WELL);
        append(file, line(20) + line(21).replace("order 21", "poison") + line(22));
        Wait.until(() -> central.count() == 22, central::count);
        assertEquals(List.of("order 20", "order 22"), central.bodies().subList(20, 22));
        assertEquals(1, adapter.counts().refused.sum());
        assertTrue(Files.readString(state.resolve("refused.log")).contains("app.log"));
        // What the file has and what the far end has of it is not the same, and that is shown.
        counts(23, 22);
        assertEquals(1, adapter.reconciliation().disagreeing());
    }

    /** No other record vouches for the far end: an empty request does. */
    @Test
    void setsAPoisonRecordAsideThatIsTheFirstAndAlone() throws IOException {
        central.mood(r -> r.toString().contains("poison") ? Mood.REFUSE : Mood.WELL);
        append(file, line(0).replace("order 0", "poison"));
        start();
        Wait.until(() -> adapter.counts().refused.sum() == 1, central::requests);
        write(file, 1, 4);
        expect(1, 4);
        assertTrue(Files.readString(state.resolve("refused.log")).contains("position=0 "));
    }

    @Test
    void setsNothingAsideWhenTheEndpointRefusesEverythingLater() throws IOException {
        write(file, 0, 5);
        start();
        expect(0, 5);
        central.mood(Mood.REFUSE);
        long before = central.requests();
        write(file, 5, 9);
        Wait.until(() -> central.requests() > before + 10, central::requests);
        central.mood(Mood.WELL);
        expect(0, 9);
        assertEquals(0, adapter.counts().refused.sum());
    }

    @Test
    void setsNothingAsideWhileTheEndpointRefusesEverything() throws IOException {
        central.mood(Mood.REFUSE);
        write(file, 0, 5);
        start();
        Wait.until(() -> central.requests() > 10, central::requests);
        central.mood(Mood.WELL);
        expect(0, 5);
        assertEquals(0, adapter.counts().refused.sum());
    }

    @Test
    void splitsALineThatIsTooLong() throws IOException {
        String longLine = "x".repeat(2500);
        append(file, longLine + "\n");
        start("adapter.max-record-bytes", "1024");
        Wait.until(() -> central.count() >= 3, central::count);
        assertEquals(longLine, String.join("", central.bodies()));
    }

    @Test
    void sendsBrokenUtf8AsReplacementCharacters() throws IOException {
        byte[] bytes =
                "2026-11-22 20:51:43,001 INFO  [main] shop.A - caf_\n"
                        .getBytes(StandardCharsets.ISO_8859_1);
        bytes[bytes.length - 2] = (byte) 0xE9;
        Files.write(file, bytes);
        start();
        expect(List.of("caf\uFFFD"));
    }

    @Test
    void writesAFileByATemplate() throws Exception {
        Path out = folder.resolve("out.log");
        start(
                "adapter.sink", "file",
                "adapter.file.path", out.toString(),
                "adapter.file.template", "Date ${line}");
        append(
                logs.resolve("date.log"),
                "Sun Nov 22 20:51:43 UTC 2026\nSun Nov 22 20:51:44 UTC 2026\n");
        adapter.stop();
        assertEquals(
                "Date Sun Nov 22 20:51:43 UTC 2026\nDate Sun Nov 22 20:51:44 UTC 2026\n",
                Files.readString(out));
    }

    @Test
    void masksSecrets() throws IOException {
        append(file, "2026-11-22 20:51:43,001 INFO  [main] shop.A - login password=hunter2 ok\n");
        start();
        expect(List.of("login password=******* ok"));
    }

    @Test
    void keepsACorruptCheckpointAsideAndSaysSo() throws Exception {
        write(file, 0, 100);
        start();
        expect(0, 100);
        adapter.stop();
        Path journal = state.resolve("checkpoint.journal");
        byte[] bytes = Files.readAllBytes(journal);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '\n' ? bytes[i] : (byte) 'x';
        }
        Files.write(journal, bytes);
        start();
        assertEquals(1, adapter.checkpoint().remarks().size());
        write(file, 100, 110);
        // It goes on with the last record that the far end has.
        expect(0, 110);
        assertEquals(1, central.repeats());
        counts(110, 110);
    }

    @Test
    void goesOnWithWhatCanBeReadOfACorruptCheckpoint() throws Exception {
        Path other = logs.resolve("other.log");
        write(file, 0, 100);
        start();
        expect(0, 100);
        write(other, 100, 150);
        expect(0, 150);
        adapter.stop();
        Path journal = state.resolve("checkpoint.journal");
        String text = Files.readString(journal);
        Files.writeString(journal, "garbage" + text.substring(7));
        start();
        assertEquals(1, adapter.checkpoint().remarks().size());
        write(other, 150, 160);
        expect(0, 160);
        write(file, 160, 170);
        expect(0, 170);
        assertEquals(0, central.repeats());
    }

    private void counts(long here, long there) {
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

    @Test
    void countsWhatTheFarEndCounts() throws Exception {
        central.mood(r -> central.requests() % 3 == 1 ? Mood.CUT_AFTER_STORING : Mood.WELL);
        write(file, 0, 200);
        start();
        expect(0, 200);
        counts(200, 200);
        adapter.stop();
        write(file, 200, 230);
        start();
        expect(0, 230);
        counts(230, 230);
        assertEquals(0, adapter.reconciliation().disagreeing());
    }

    /** A far end that is down is not taken for one that cannot tell. */
    @Test
    void asksAgainSoonWhatTheFarEndCountsWhenItIsBack() throws IOException {
        write(file, 0, 20);
        start("adapter.reconcile-interval", "PT1S");
        expect(0, 20);
        counts(20, 20);
        String id = adapter.tailer().files().getFirst().id();
        central.close();
        Wait.until(
                () -> adapter.reconciliation().of(id).isEmpty(),
                () -> adapter.reconciliation().of(id));
        central.restart();
        counts(20, 20);
    }

    /** What an operator reads last: how much the next start has to send. */
    @Test
    void saysWhatIsLeftWhenItEnds() throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("dev.pillion.adapter.tail.Tailer");
        Handler handler =
                new StreamHandler() {
                    @Override
                    public synchronized void publish(LogRecord record) {
                        said.add(new SimpleFormatter().formatMessage(record));
                    }
                };
        logger.addHandler(handler);
        try {
            write(file, 0, 20);
            central.mood(Mood.UNAVAILABLE);
            start("adapter.grace", "PT0.5S");
            Wait.until(() -> central.requests() > 2, central::requests);
            adapter.stop();
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(1, said.size(), said::toString);
        assertTrue(
                said.getFirst()
                        .startsWith(
                                "stopped with %,d bytes of 1 files".formatted(Files.size(file))),
                said::toString);
    }

    @Test
    void countsManyFiles() throws IOException {
        for (int i = 0; i < 100; i++) {
            append(logs.resolve("batch-" + i + ".log"), line(i));
        }
        start();
        expectOfAll(100);
    }
}
