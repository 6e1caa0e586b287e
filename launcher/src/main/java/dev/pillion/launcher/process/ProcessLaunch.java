package dev.pillion.launcher.process;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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

    /** A TCP port on localhost that was free a moment ago. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Sends a signal, for example {@code INT}, to a process; one that is gone is no error. */
    public static void signal(String name, long pid) throws IOException {
        succeeds("kill", "-" + name, Long.toString(pid));
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

    /** The command line of a process, its arguments parted by blanks; empty if it is gone. */
    public static String commandLine(long pid) {
        try {
            byte[] arguments = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
            return new String(arguments, StandardCharsets.UTF_8).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** The last lines of a text file, for an error message; empty if there is none. */
    public static String lastLines(Path file, int count) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** Deletes a folder with all that is in it; links are removed, not followed. */
    public static void deleteRecursively(Path folder) throws IOException {
        if (!new File(folder.toString()).exists()) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
