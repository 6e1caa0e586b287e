package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A backup over HTTP, restored by the command, read by another service. */
class BackupIT {

    private static final String[] PROTOBUF = {"Content-Type", "application/x-protobuf"};

    @TempDir Path directory;

    @Test
    void restoresWhatItBackedUp() throws Exception {
        byte[] archive;
        byte[] all;
        byte[] first =
                OtlpRequests.request(OtlpRequests.logs("", OtlpRequests.record("first of all")));
        try (RunningCentral central =
                new RunningCentral(
                        directory.resolve("live"),
                        "-Dcentral.chunk.age=100ms",
                        "-Dcentral.store.commit-interval=200ms")) {
            assertEquals(200, central.post(first, PROTOBUF).statusCode());
            for (int i = 0; i < 200; i++) {
                byte[] body =
                        OtlpRequests.request(
                                OtlpRequests.logs("", OtlpRequests.record("line " + i)));
                assertEquals(200, central.post(body, PROTOBUF).statusCode());
            }
            archive = central.getBytes("/api/backup").body();
            all = otlp(central);
        }
        Path restored = directory.resolve("restored");
        assertEquals("", restore(archive, restored));
        try (RunningCentral central = new RunningCentral(restored)) {
            assertArrayEquals(all, otlp(central));
            // What was sent before the backup is recognised when it is sent again.
            assertEquals(200, central.post(first, PROTOBUF).statusCode());
            assertArrayEquals(all, otlp(central));
        }
        assertEquals(
                "log-central: restore: "
                        + restored
                        + " is not empty; restore into an empty folder\n",
                restore(archive, restored));
        Path torn = directory.resolve("torn");
        assertEquals(
                "log-central: restore: the archive is not whole\n",
                restore(Arrays.copyOf(archive, archive.length - 2000), torn));
        try (var left = Files.list(torn)) {
            assertEquals(0, left.count());
        }
    }

    private static byte[] otlp(RunningCentral central) throws Exception {
        return central.getBytes("/api/logs?direction=forward", "Accept", "application/x-protobuf")
                .body();
    }

    /** What the command says on standard error. */
    private String restore(byte[] archive, Path into) throws Exception {
        Path in = directory.resolve("backup.tar");
        Path errors = directory.resolve("errors");
        Files.write(in, archive);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dcentral.data-directory=" + into,
                                "-jar",
                                Path.of("target", "log-central.jar").toAbsolutePath().toString(),
                                "restore")
                        .redirectInput(in.toFile())
                        .redirectError(errors.toFile())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return Files.readString(errors, StandardCharsets.UTF_8);
    }
}
