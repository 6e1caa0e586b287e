package dev.pillion.launcher.pods;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that is run to its end for what it prints. */
final class Command {

    private static final long DEADLINE_SECONDS = 120;

    private Command() {}

    /**
     * Runs it.
     *
     * @param defaults environment variables where this process has none of that name
     * @return what it printed, without surrounding white space
     * @throws IOException if it failed or gave no answer within two minutes; the message is what it
     *     complained about
     */
    static String run(List<String> command, Map<String, String> defaults) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        defaults.forEach(builder.environment()::putIfAbsent);
        Path complaints = Files.createTempFile("complaints", ".txt");
        try {
            Process process = builder.redirectError(complaints.toFile()).start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + ": no answer");
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "%s: %s%s"
                                .formatted(
                                        String.join(" ", command),
                                        output,
                                        Files.readString(complaints)));
            }
            return output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(complaints);
        }
    }
}
