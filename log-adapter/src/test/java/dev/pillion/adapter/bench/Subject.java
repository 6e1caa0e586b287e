package dev.pillion.adapter.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packed adapter as a process of its own, and what the kernel says of it. */
final class Subject implements AutoCloseable {

    /** Linux gives the CPU times of {@code /proc/PID/stat} in these (proc(5), USER_HZ). */
    private static final double TICKS_A_SECOND = 100;

    private final Process process;
    final int port;
    final long startedNanos = System.nanoTime();

    /** Its state folder: the system property {@code state}, or one beside the other files. */
    final Path state;

    /**
     * @param options of the JVM
     * @param settings of the adapter; where it listens and keeps its state is set here
     */
    Subject(Path work, List<String> options, Map<String, String> settings) throws IOException {
        state = Path.of(System.getProperty("state", work.resolve("state").toString()));
        delete(state);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-Dadapter.state-directory=" + state);
        command.add("-Dserver.port=" + port);
        command.addAll(List.of("-jar", System.getProperty("jar")));
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("out").toFile())
                        .start();
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** User and system time of the whole process until now, in seconds. */
    double cpuSeconds() throws IOException {
        return seconds(Files.readString(Path.of("/proc/" + process.pid() + "/stat")));
    }

    private static double seconds(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    /**
     * The part of {@link #cpuSeconds} that threads still there have used whose name begins with one
     * of these; 15 characters of a name are known.
     */
    double cpuSeconds(String... names) throws IOException {
        double seconds = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                String stat;
                try {
                    stat = Files.readString(thread.resolve("stat"));
                } catch (NoSuchFileException e) {
                    continue; // it has ended
                }
                String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
                if (Stream.of(names).anyMatch(name::startsWith)) {
                    seconds += seconds(stat);
                }
            }
        }
        return seconds;
    }

    /** Resident memory in MiB: {@code VmRSS} now, {@code VmHWM} at its highest. */
    double memory(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no " + field);
    }

    /** How many it holds: of files, sockets and all else. */
    long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return all.count();
        }
    }

    /** Whether {@code GET path} is answered with 200. */
    boolean answers(HttpClient http, String path) throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create("http://localhost:" + port + path))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
