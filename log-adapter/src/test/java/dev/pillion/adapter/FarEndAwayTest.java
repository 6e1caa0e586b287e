package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.FakeCentral.Mood;
import dev.pillion.adapter.tail.TailedFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an operator reads of an outage: that it began and that it is over, whatever waits. */
class FarEndAwayTest extends AdapterTest {

    private static final int FILES = 50;

    private final Said said = new Said();

    @AfterEach
    void listenNoMore() {
        said.close();
    }

    @Test
    void saysOnceForAllFilesThatItIsAwayAndThatItIsBack() throws IOException {
        central.close();
        for (int i = 0; i < FILES; i++) {
            write(logs.resolve("app-" + i + ".log"), i, i + 1);
        }
        start();
        Wait.until(
                () -> adapter.counts().retries.sum() >= 2 * FILES, adapter.counts().retries::sum);
        assertEquals(1, said.of("WARNING "), said::toString);
        assertEquals(
                1,
                said.of(
                        "WARNING nothing is delivered, the files are the queue: "
                                + central.endpoint()
                                + ": Connection refused"),
                said::toString);
        central.restart();
        expectOfAll(FILES);
        Pattern end =
                Pattern.compile(
                        "INFO delivered again, after \\d+\\.\\d s; (\\d+) files had been waiting");
        List<Matcher> ends =
                said.lines().stream().map(end::matcher).filter(Matcher::matches).toList();
        assertEquals(1, ends.size(), said::toString);
        assertEquals(FILES, Integer.parseInt(ends.getFirst().group(1)), said::toString);
    }

    @Test
    void saysOfEachFileWhatIsItsAlone() throws IOException {
        Path bad = logs.resolve("bad.log");
        central.mood(r -> r.toString().contains("bad.log") ? Mood.REFUSE : Mood.UNAVAILABLE);
        append(bad, line(0));
        for (int i = 1; i < 5; i++) {
            write(logs.resolve("app-" + i + ".log"), i, i + 1);
        }
        start();
        Wait.until(() -> adapter.counts().retries.sum() >= 50, adapter.counts().retries::sum);
        assertEquals(1, said.of("nothing is delivered, the files are the queue: "), said::toString);
        assertEquals(
                1,
                said.of("WARNING " + bad + ": not delivered, the file is the queue: "),
                said::toString);
        assertEquals(2, said.of("WARNING "), said::toString);
        for (TailedFile file : adapter.tailer().files()) {
            String status = file.path().equals(bad) ? "400" : "503";
            assertTrue(file.lastError().contains(" answered " + status), file.lastError());
        }
        central.mood(Mood.WELL);
        expectOfAll(5);
        assertEquals(1, said.of("INFO delivered again"), said::toString);
    }

    /** Some receivers want their token in the address. */
    @Test
    void tellsWhereToLookAndNoSecret() throws IOException {
        Path token = folder.resolve("token");
        Files.writeString(token, "hush-1");
        central.mood(Mood.UNAVAILABLE);
        write(file, 0, 1);
        String host = "localhost:" + central.endpoint().getPort();
        adapter =
                Rig.start(
                        Rig.settings(
                                logs,
                                state,
                                URI.create("http://user:hush-2@" + host),
                                "adapter.path",
                                "/v1/logs/hush-3?key=hush-4",
                                "adapter.headers",
                                "X-Key=hush-5",
                                "adapter.token-file",
                                token.toString()));
        Wait.until(() -> central.requests() > 2, central::requests);
        assertEquals(1, said.of(": http://" + host + " answered 503"), said::toString);
        central.close();
        TailedFile tailed = adapter.tailer().files().getFirst();
        Wait.until(() -> tailed.lastError().contains("refused"), tailed::lastError);
        assertEquals("http://" + host + ": Connection refused", tailed.lastError());
        assertEquals(0, said.of("hush"), said::toString);
    }
}
