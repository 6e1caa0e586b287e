package dev.pillion.launcher.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program about to be started as a child of this process, in a session of its own: a Ctrl-C in
 * the terminal reaches only the launcher, which then stops its children in order.
 */
public final class ProcessLaunch {

    private final List<String> command;
    private final Map<String, String> environment;

    /**
     * What to start.
     *
     * @param command program and arguments; they are visible to every user of the machine, so no
     *     secret belongs here
     */
    public ProcessLaunch(String... command) {
        this(List.of(command), Map.of());
    }

    /**
     * What to start, with environment variables beside this process's own.
     *
     * @param command program and arguments; they are visible to every user of the machine, so no
     *     secret belongs here
     * @param environment variables to set
     */
    public ProcessLaunch(List<String> command, Map<String, String> environment) {
        this.command = new ArrayList<>(List.of("setsid"));
        this.command.addAll(command);
        this.environment = Map.copyOf(environment);
    }

    /**
     * Starts the program.
     *
     * @param output file that its output and errors are appended to; its folder must exist
     */
    public Process start(Path output) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a short program without output and tells whether it ended with 0. */
    public static boolean succeeds(String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether this process has root's privileges. */
    public static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    /** The last lines of a text file, for an error message; empty if there is none. */
    public static String lastLines(Path file, int count) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }
}
