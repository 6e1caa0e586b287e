package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** What was rotated and compressed while the adapter was away. */
class ArchivesTest extends AdapterTest {

    private final Instant outage = Instant.now().plusSeconds(60);

    @Override
    void start(String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of("adapter.rescan-interval", "PT0.1S"));
        settings.addAll(List.of(more));
        super.start(settings.toArray(String[]::new));
    }

    static void compress(Path from, Path to) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(to))) {
            Files.copy(from, out);
        }
        Files.delete(from);
    }

    /** As logrotate does: the archive is as old as what is in it. */
    private Path rotate(String name, Instant written) throws IOException {
        Path archive = logs.resolve(name);
        compress(file, archive);
        Files.setLastModifiedTime(archive, FileTime.from(written));
        return archive;
    }

    /** Away while this is rotated, oldest first. */
    private void rotated(int from, int to, String name, int minute) throws IOException {
        append(file, lines(from, to));
        rotate(name, outage.plus(Duration.ofMinutes(minute)));
    }

    /** In which order they came, of all files but the one written to. */
    private List<String> fromArchives() {
        return central.received().stream()
                .filter(r -> r.path().endsWith(".gz"))
                .map(FakeCentral.Received::body)
                .toList();
    }

    private void caughtUp() {
        Wait.until(
                () -> adapter.checkpoint().states().size() == adapter.tailer().files().size(),
                () -> adapter.checkpoint().states().toString());
    }

    @Test
    void readsTheRestFromTheArchiveOfARotatedFile() throws Exception {
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        append(file, lines(100, 3000));
        compress(file, logs.resolve("app.log.1.gz"));
        append(file, lines(3000, 3100));
        start("adapter.batch-bytes", "8192");
        expectOfAll(3100);
        assertEquals(0, central.outOfOrder());
        String id = central.received().getFirst().fileId();
        assertEquals(
                orders(0, 3000),
                central.received().stream()
                        .filter(r -> r.fileId().equals(id))
                        .map(FakeCentral.Received::body)
                        .toList());
    }

    @Test
    void leavesArchivesAloneThatItKnowsNothingOfOrAllOf() throws Exception {
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        compress(file, logs.resolve("app.log.2.gz"));
        append(logs.resolve("old"), lines(5000, 5100));
        compress(logs.resolve("old"), logs.resolve("app.log.3.gz"));
        Files.setLastModifiedTime(
                logs.resolve("app.log.3.gz"), FileTime.from(outage.minusSeconds(3600)));
        Files.writeString(logs.resolve("app.log.4.gz"), "no archive at all");
        append(file, lines(100, 110));
        start();
        arrived(110);
        Wait.until(
                () -> adapter.checkpoint().states().size() == 1,
                () -> adapter.checkpoint().states().toString());
        assertEquals(orders(0, 110), central.bodies());
    }

    @Test
    void readsAllArchivesOfAnOutageOldestFirst() throws Exception {
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        append(file, lines(100, 1000));
        rotate("app.log.4.gz", outage);
        rotated(1000, 2000, "app.log.3.gz", 1);
        rotated(2000, 3000, "app.log.2.gz", 2);
        rotated(3000, 4000, "app.log.1.gz", 3);
        append(file, lines(4000, 4100));
        start("adapter.batch-bytes", "8192");
        expectOfAll(4100);
        assertEquals(orders(100, 4000), fromArchives());
        caughtUp();
        adapter.stop();
        append(file, lines(4100, 4110));
        start();
        expectOfAll(4110);
        assertEquals(0, central.repeats());
    }

    /** All of the first was delivered: it is known by its content, and what follows it is read. */
    @Test
    void readsThemAlsoBehindOneThatWasDelivered() throws Exception {
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        rotate("app.log.2.gz", outage);
        rotated(100, 200, "app.log.1.gz", 1);
        start();
        expectOfAll(200);
        caughtUp();
    }

    @Test
    void readsNoArchiveOfOthersOrFromBefore() throws Exception {
        append(file, lines(5000, 5100));
        rotate("app.log.3.gz", outage.minusSeconds(1));
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        rotate("app.log.2.gz", outage);
        append(file, lines(6000, 6100));
        rotate("audit.log.1.gz", outage.plusSeconds(2));
        Path broken = logs.resolve("app.log.0.gz");
        Files.writeString(broken, "no archive at all");
        Files.setLastModifiedTime(broken, FileTime.from(outage.plusSeconds(1)));
        rotated(100, 200, "app.log.1.gz", 1);
        start();
        expectOfAll(200);
        caughtUp();
        assertEquals(200, central.count());
    }

    /**
     * Killed again and again while it catches up, and what it reads meanwhile is rotated and
     * compressed as well.
     */
    @Test
    void readsEachOnceThoughItIsKilled() throws Exception {
        int archives = 6;
        int each = 200;
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        append(file, lines(100, each));
        rotate("app.log.90.gz", outage);
        for (int i = 1; i < archives; i++) {
            rotated(i * each, (i + 1) * each, "app.log." + (90 - i) + ".gz", i);
        }
        central.answerLate(Duration.ofMillis(50));
        int written = archives * each;
        for (int kill = 1; kill <= 4; kill++) {
            append(file, lines(written, written + 10));
            written += 10;
            start("adapter.batch-bytes", "8192");
            int some = 100 + kill * each + 10 * (kill - 1);
            Wait.until(() -> central.count() >= some, central::count);
            delivered(file);
            rotate("app.log." + (50 - kill) + ".gz", outage.plus(Duration.ofHours(kill)));
            Path killed = folder.resolve("state-" + kill);
            copy(state, killed);
            adapter.close();
            state = killed;
        }
        central.answerLate(Duration.ZERO);
        start();
        expectOfAll(written);
        caughtUp();
        assertEquals(
                orders(100, archives * each), fromArchives().subList(0, archives * each - 100));
        assertEquals(0, central.outOfOrder());
    }

    /**
     * Its writer went on while it was compressed, and that was read; then the adapter was killed.
     */
    @Test
    void readsAnArchiveThatEndsBeforeWhatWasNoted() throws Exception {
        append(file, lines(0, 100));
        startOfWholes();
        arrived(100);
        notedWhileAway(100, 130);
        Path killed = folder.resolve("state-after-kill");
        copy(state, killed);
        adapter.close();
        state = killed;
        Files.writeString(file, lines(0, 120));
        rotate("app.log.2.gz", outage);
        rotated(130, 200, "app.log.1.gz", 1);
        central.mood(FakeCentral.Mood.WELL);
        start();
        arrived(191);
        assertEquals(
                Stream.concat(orders(100, 120).stream(), orders(130, 200).stream()).toList(),
                fromArchives().stream().filter(b -> b.startsWith("order")).toList());
        assertEquals(List.of((long) lines(120, 130).length()), gaps());
        caughtUp();
    }

    /** The same, and all of that was acknowledged: the archive still tells which ones follow. */
    @Test
    void knowsAnArchiveThatEndsBeforeWhatWasAcknowledged() throws Exception {
        start();
        append(file, lines(0, 100));
        arrived(100);
        append(file, lines(100, 130));
        arrived(130);
        adapter.stop();
        Files.writeString(file, lines(0, 120));
        rotate("app.log.2.gz", outage);
        rotated(130, 200, "app.log.1.gz", 1);
        start();
        expectOfAll(200);
        caughtUp();
        assertEquals(List.of(), gaps());
    }

    private void delivered(Path path) {
        Wait.until(
                () ->
                        adapter.tailer().files().stream()
                                .anyMatch(
                                        f ->
                                                f.path().equals(path)
                                                        && !f.id().isEmpty()
                                                        && f.lagBytes() == 0),
                () -> path + " not delivered");
    }

    /** Seconds of unpacking: meanwhile new lines are seen as ever. */
    @Test
    void seesNewLinesWhileItUnpacks() throws Exception {
        append(file, lines(0, 100));
        start();
        arrived(100);
        adapter.stop();
        Files.delete(file);
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(member)) {
            out.write(new byte[1 << 20]);
        }
        try (OutputStream out = Files.newOutputStream(logs.resolve("huge.gz"))) {
            for (int i = 0; i < 2048; i++) {
                member.writeTo(out);
            }
        }
        start();
        Wait.until(ArchivesTest::unpacking, () -> "nothing is unpacked");
        append(file, lines(100, 110));
        arrived(110);
        assertTrue(unpacking(), "the lines came when all was unpacked");
    }

    private static boolean unpacking() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("archives"));
    }
}
