package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real client, run to its end. */
final class Program {

    private static final long PATIENCE_SECONDS = 60;

    /** Debian's package {@code postgresql-15}. */
    static final Path DEBIAN_15 = Path.of("/usr/lib/postgresql/15");

    private Program() {}

    /**
     * How it went.
     *
     * @param exit code
     * @param out what it said, standard error after standard output
     */
    record Result(int exit, String out) {}

    /** Skips the test where Debian's postgresql-15 is not installed. */
    static void needsDebian15() {
        Assumptions.assumeTrue(
                Files.isExecutable(DEBIAN_15.resolve("bin/psql")),
                "postgresql-15 is not installed: apt-get install postgresql-15");
    }

    /** One of Debian's programs. */
    static String debian15(String name) {
        return DEBIAN_15.resolve("bin").resolve(name).toString();
    }

    /**
     * @param environment added to ours
     * @param input written to it
     */
    static Result run(Map<String, String> environment, String input, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("program", ".out");
        Path err = Files.createTempFile("program", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process =
                    builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            try (var stdin = process.outputWriter(UTF_8)) {
                stdin.write(input);
            } catch (IOException ended) {
                // it did not read to the end; its exit code says more
            }
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                assertTrue(false, command + " did not end: " + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out) + Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
