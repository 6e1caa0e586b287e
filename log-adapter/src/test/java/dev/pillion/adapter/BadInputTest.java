package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.file.StandardOpenOption.APPEND;

import dev.pillion.adapter.crash.AdapterProcess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** What should not be there, or should and is not: it is said once, and the rest goes on. */
class BadInputTest extends AdapterTest {

    private final Said said = new Said();

    @AfterEach
    void listenNoMore() {
        said.close();
    }

    /** Root reads any file of its own; a write-only file of the kernel not even root. */
    @Test
    void saysOnceThatAFileCannotBeRead() throws IOException {
        Path secret = logs.resolve("secret.log");
        makeUnreadable(secret);
        write(file, 0, 5);
        start();
        expectOfAll(5);
        Wait.until(() -> said.of("secret.log: cannot be read") > 0, said::toString);
        write(file, 5, 10);
        expectOfAll(10);
        assertEquals(1, said.of("secret.log: cannot be read"));
    }

    private void makeUnreadable(Path path) throws IOException {
        write(path, 0, 1);
        assertTrue(path.toFile().setReadable(false), "the file system knows no permissions");
        if (Files.isReadable(path)) {
            Files.delete(path);
            Files.createSymbolicLink(path, Path.of("/sys/bus/cpu/uevent"));
        }
    }

    /** Nothing is remembered of files that are gone, however many there were. */
    @Test
    void saysAgainThatAFileCannotBeReadWhenItWasAway() throws IOException {
        Path secret = logs.resolve("secret.log");
        makeUnreadable(folder.resolve("secret"));
        start();
        for (int round = 1; round <= 3; round++) {
            int times = round;
            Files.move(folder.resolve("secret"), secret);
            Wait.until(() -> said.of("secret.log: cannot be read") == times, said::toString);
            Files.move(secret, folder.resolve("secret"));
            // Seen only in a look at all folders: the second began after the move.
            for (int next = 2 * round - 2; next < 2 * round; next++) {
                write(logs.resolve(next + ".log"), next, next + 1);
                expectOfAll(next + 1);
            }
        }
    }

    /** Those that are read already go on; others have their turn when there is room. */
    @Test
    void saysThatThereAreMoreFilesThanMayBeRead() throws IOException {
        for (int i = 0; i < 5; i++) {
            write(logs.resolve("known-" + i), i, i + 1);
        }
        start("adapter.max-files", "5");
        expectOfAll(5);
        assertEquals(0, said.of("more files than adapter.max-files"));
        for (int i = 0; i < 40; i++) {
            write(logs.resolve("more-" + i), 100 + i, 101 + i);
        }
        Wait.until(() -> said.of("more files than adapter.max-files (5)") == 1, said::toString);
        for (int i = 0; i < 5; i++) {
            write(logs.resolve("known-" + i), 5 + i, 6 + i);
        }
        expectOfAll(10);
        for (int i = 0; i < 5; i++) {
            Files.delete(logs.resolve("known-" + i));
        }
        arrived(15);
        assertEquals(5, central.bodies().stream().filter(b -> b.matches("order 1..")).count());
        assertEquals(0, central.repeats());
        assertEquals(1, said.of("more files than adapter.max-files"));
    }

    /** Of what it had read nothing is left: whether others come after it nobody knows. */
    @Test
    void saysWhichArchivesItLeavesAlone() throws Exception {
        write(file, 0, 100);
        start();
        expectOfAll(100);
        adapter.stop();
        Files.delete(file);
        Instant now = Instant.now();
        archive(folder.resolve("old"), 1000, "app.log.3.gz", now.minusSeconds(3600));
        archive(file, 100, "app.log.2.gz", now.plusSeconds(60));
        Files.writeString(logs.resolve("app.log.1.gz"), "no archive at all");
        write(file, 200, 210);
        start();
        arrived(110);
        Wait.until(() -> said.of("app.log.2.gz: was compressed while nobody") == 1, said::toString);
        assertEquals(1, said.of("app.log.1.gz: cannot be unpacked"));
        assertEquals(0, said.of("app.log.3.gz: was compressed"));
        // As the line says.
        write(logs.resolve("app.log.2"), 100, 200);
        expectOfAll(210);
        assertEquals(0, central.repeats());
        assertEquals(1, said.of("was compressed while nobody looked"));
    }

    /** Writes a hundred lines to a file, and packs it. */
    private void archive(Path from, int first, String name, Instant written) throws IOException {
        write(from, first, first + 100);
        Path archive = logs.resolve(name);
        ArchivesTest.compress(from, archive);
        Files.setLastModifiedTime(archive, FileTime.from(written));
    }

    @Test
    void readsEachFileOnceThroughLinksThatLeadBack() throws IOException {
        write(logs.resolve("a/b/deep.log"), 0, 3);
        write(file, 3, 5);
        Files.createSymbolicLink(logs.resolve("a/b/up"), logs);
        Files.createSymbolicLink(logs.resolve("a/self"), logs.resolve("a/self"));
        Files.createSymbolicLink(logs.resolve("again.log"), file);
        Files.createSymbolicLink(logs.resolve("nowhere.log"), folder.resolve("none"));
        start("adapter.include", logs + "/**");
        expectOfAll(5);
        write(file, 5, 6);
        expectOfAll(6);
        assertEquals(2, adapter.tailer().files().size());
    }

    @Test
    void goesOnWhenAFolderVanishesAndComesBack() throws IOException {
        write(file, 0, 5);
        start();
        expectOfAll(5);
        Files.delete(file);
        Files.delete(logs);
        Wait.until(
                () -> adapter.tailer().files().isEmpty(),
                () -> adapter.tailer().files().toString());
        assertTrue(adapter.tailer().alive());
        Wait.until(() -> said.of(logs + ": cannot be listed") == 1, said::toString);
        write(file, 5, 10);
        expectOfAll(10);
        Wait.until(() -> said.of(logs + ": is there again") == 1, said::toString);
    }

    @Test
    void warnsBeforeTheFolderIsFull() throws IOException {
        start("adapter.folder-bytes", "4096");
        write(file, 0, 10);
        expectOfAll(10);
        assertEquals(0, said.of("bytes are in the folders"));
        write(file, 10, 60);
        expectOfAll(60);
        Wait.until(() -> said.of("bytes are in the folders") == 1, said::toString);
        write(file, 60, 70);
        expectOfAll(70);
        assertEquals(1, said.of("bytes are in the folders"));
    }

    /** Nobody said so in the settings; what is sent is as it was read. */
    @Test
    void saysThatAFileIsUtf16() throws IOException {
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE});
        Files.write(file, lines(0, 3).getBytes(StandardCharsets.UTF_16LE), APPEND);
        write(logs.resolve("other.log"), 3, 5);
        start();
        arrived(5);
        Wait.until(
                () -> said.of("app.log: begins as UTF-16 does, and is read as UTF-8") == 1,
                said::toString);
        adapter.close();
        Path third = logs.resolve("third.log");
        Files.write(third, new byte[] {(byte) 0xFE, (byte) 0xFF});
        Files.write(third, lines(5, 8).getBytes(StandardCharsets.UTF_16BE), APPEND);
        start("adapter.charset", "third.log=UTF-16");
        Wait.until(() -> central.bodies().contains("order 7"), central::bodies);
        assertEquals(1, said.of("begins as UTF-16 does"));
    }

    @Test
    void takesFilesOfAnyTimeForWhatTheyAre() throws IOException {
        write(file, 0, 5);
        write(logs.resolve("old.log"), 5, 8);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2103-01-01T00:00:00Z")));
        Files.setLastModifiedTime(logs.resolve("old.log"), FileTime.fromMillis(-86_400_000));
        start();
        expectOfAll(8);
        // The clock goes back a hundred years while it is written.
        write(file, 8, 9);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2003-01-01T00:00:00Z")));
        write(file, 9, 10);
        expectOfAll(10);
        assertEquals(0, central.repeats());
    }

    /** Set while the adapter runs: it is said, the lines and their own times are what they are. */
    @Test
    void deliversOnWhileTheSystemClockIsSetForwardAndBack() throws IOException {
        Instant today = Instant.parse("2026-11-22T20:52:00Z");
        AtomicReference<Instant> time = new AtomicReference<>(today);
        InstantSource source = time::get;
        adapter =
                new Adapter(
                        Rig.settings(logs, state, central.endpoint()),
                        Map.of("service.name", "shop"),
                        source.withZone(ZoneOffset.UTC));
        adapter.start();
        write(file, 0, 3);
        expectOfAll(3);
        Instant tomorrow = today.plus(Duration.ofDays(1));
        time.set(tomorrow);
        Wait.until(() -> said.of("s forward; observed times follow it") == 1, said::toString);
        write(file, 3, 6);
        expectOfAll(6);
        Instant longAgo = Instant.parse("1996-01-01T00:00:00Z");
        time.set(longAgo);
        Wait.until(() -> said.of("s back; observed times follow it") == 1, said::toString);
        write(file, 6, 9);
        expectOfAll(9);
        assertEquals(
                List.of(
                        today, today, today, tomorrow, tomorrow, tomorrow, longAgo, longAgo,
                        longAgo),
                central.received().stream()
                        .map(r -> Instant.ofEpochSecond(0, r.record().getObservedTimeUnixNano()))
                        .toList());
        assertEquals(
                Instant.parse("2026-11-22T20:51:00.008Z"),
                Instant.ofEpochSecond(0, central.received().getLast().record().getTimeUnixNano()));
        assertEquals(0, central.repeats());
    }

    @Test
    void forgetsNothingWhenTheLastLineOfTheJournalIsTorn() throws Exception {
        write(file, 0, 50);
        start();
        expectOfAll(50);
        adapter.stop();
        Files.writeString(state.resolve("checkpoint.journal"), "1234", APPEND);
        write(file, 50, 60);
        start();
        expectOfAll(60);
        assertEquals(List.of(), adapter.checkpoint().remarks());
        assertEquals(0, central.repeats());
    }

    /** A process that may write no file of more than 2.5 KiB: a note of a batch has 3 KiB. */
    @Test
    void sendsNothingThatItCannotNote() throws Exception {
        int lines = 30_000;
        write(file, 0, lines);
        Path errors = folder.resolve("errors");
        Process process = process(errors, "ulimit -f 5; exec \"$@\"");
        try {
            awaitComplaint(errors);
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertTrue(central.count() < lines, () -> "all sent: " + central.count());
        start();
        expectOfAll(lines);
        assertEquals(0, central.outOfOrder());
    }

    /** The same process may write longer files after a while: it need not be started again. */
    @Test
    void goesOnWhenTheStateFolderCanBeWrittenToAgain() throws Exception {
        int lines = 30_000;
        write(file, 0, lines);
        Path errors = folder.resolve("errors");
        Process process = process(errors, "ulimit -S -f 5; exec \"$@\"");
        try {
            awaitComplaint(errors);
            int before = central.count();
            assertTrue(before < lines, () -> "all sent: " + before);
            assertEquals(
                    0,
                    new ProcessBuilder("prlimit", "--fsize=unlimited", "--pid=" + process.pid())
                            .start()
                            .waitFor());
            expectOfAll(lines);
            assertEquals(0, central.outOfOrder());
            assertEquals(0, central.repeats());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void awaitComplaint(Path errors) throws Exception {
        Wait.until(
                () -> read(errors).contains("the state folder cannot be written"),
                () -> read(errors));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private Process process(Path errors, String shell) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", shell, "sh"));
        command.addAll(AdapterProcess.command(logs, state, central.endpoint(), "shop"));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.to(new File(errors.toString())))
                .start();
    }

    /** A folder that cannot be made, and one that is there and cannot be written to. */
    @Test
    void endsAtOnceIfTheStateFolderCannotBeUsed() throws Exception {
        Path blocked = Files.writeString(folder.resolve("blocked"), "a file");
        for (String unusable : List.of(blocked + "/state", "/proc")) {
            Map<String, String> values = Map.of("adapter.state-directory", unusable);
            Settings.Mistakes mistakes =
                    assertThrows(
                            Settings.Mistakes.class,
                            () -> Settings.read(key -> Optional.ofNullable(values.get(key))));
            assertEquals(1, mistakes.lines().size());
            assertTrue(
                    mistakes.getMessage()
                            .startsWith(
                                    "adapter.state-directory: cannot write to '" + unusable + "'"),
                    mistakes::getMessage);
        }
    }
}
