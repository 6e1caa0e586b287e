package dev.pillion.k8s.flows;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.Waiting;
import dev.pillion.launcher.process.RunningProcess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of the script {@code ./up}, as a person's. */
public final class UpRun implements AutoCloseable {

    /** The exit code of what Ctrl-C ended. */
    public static final int INTERRUPTED = 130;

    private static final long END_DEADLINE_SECONDS = 180;

    private final Path output;
    private final Process process;

    private UpRun(Path output, Process process) {
        this.output = output;
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param output a file for what it prints
     * @param data its data folder
     * @param options beside {@code --data}
     */
    public static UpRun start(Path output, Path data, String... options) throws IOException {
        // A shell gives a command in the background SIGINT as ignored, which would be inherited.
        List<String> command =
                new ArrayList<>(
                        List.of("env", "--default-signal=INT", "../up", "--data", data.toString()));
        command.addAll(List.of(options));
        return new UpRun(
                output,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start());
    }

    long pid() {
        return process.pid();
    }

    /** What it has printed. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    /** Waits until it has printed something; fails if it ends without. */
    public void awaitLine(String text) throws Exception {
        Waiting.until(
                "'" + text + "' from ./up",
                () -> {
                    if (!process.isAlive() && !output().contains(text)) {
                        throw new AssertionError("./up ended:\n" + output());
                    }
                    return output().contains(text);
                });
    }

    /** Does what Ctrl-C does. */
    public void interrupt() throws IOException {
        new RunningProcess(process.pid()).signal("INT");
    }

    /** Waits for its end and gives its exit code. */
    public int awaitEnd() throws Exception {
        assertTrue(
                process.waitFor(END_DEADLINE_SECONDS, TimeUnit.SECONDS), () -> "./up did not end");
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(END_DEADLINE_SECONDS, TimeUnit.SECONDS).join();
    }
}
