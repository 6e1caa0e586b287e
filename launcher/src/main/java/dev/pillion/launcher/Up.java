package dev.pillion.launcher;

import dev.pillion.launcher.process.ProcessLaunch;
import dev.pillion.launcher.suite.Ports;
import dev.pillion.launcher.suite.Progress;
import dev.pillion.launcher.suite.Suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Starts the suite on this machine and stops it at Ctrl-C: what {@code ./up} runs once everything
 * is built.
 */
public final class Up {

    private static final String USAGE =
            """
            usage: ./up [--clean | --help]

              ./up           builds what is not built, starts the whole suite on this machine, prints the
                             addresses; Ctrl-C stops all of it. Data stays in .up/ and is there next time.
              ./up --clean   stops what a killed run left behind and removes .up/
            """;

    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private Up() {}

    /** Arguments: the checkout's folder, then those of {@code ./up}. */
    public static void main(String[] args) throws InterruptedException {
        Path checkout = Path.of(args[0]);
        Path folder = checkout.resolve(".up").toAbsolutePath().normalize();
        List<String> options = List.of(args).subList(1, args.length);
        try {
            if (options.equals(List.of("--clean"))) {
                clean(folder);
            } else if (options.isEmpty()) {
                run(checkout, folder);
            } else if (options.contains("--help")) {
                System.out.print(USAGE);
            } else {
                System.err.print(USAGE);
                System.exit(WRONG_USAGE);
            }
        } catch (IOException e) {
            System.err.println();
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }

    private static void run(Path checkout, Path folder) throws IOException, InterruptedException {
        requireNoOther(folder);
        Suite suite = new Suite(checkout, folder, Ports.standard(), Up::report);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(suite)));
        System.out.println("Starting the suite; its data is in " + folder);
        suite.start();
        System.out.print(addresses(suite));
        Thread.currentThread().join();
    }

    private static void stop(Suite suite) {
        System.out.println();
        System.out.println("stopping …");
        suite.close();
        System.out.println("stopped");
    }

    private static void report(String name, Progress.Step step) throws IOException {
        System.out.printf("  %-18s", name);
        System.out.flush();
        Instant start = Instant.now();
        step.run();
        Duration took = Duration.between(start, Instant.now());
        System.out.printf("ready after %.1f s%n", took.toMillis() / 1000.0);
    }

    private static String addresses(Suite suite) {
        Ports ports = suite.ports();
        return """

               The suite runs. Look at
                 the application      http://localhost:%d/
                 ambassador's routes  http://localhost:%d/
                 adapter's preview    http://localhost:%d/
                 central log viewer   http://localhost:%d/
               Change a route: edit a file in %s
               What each service prints: %s
               Ctrl-C stops all of it.
               """
                .formatted(
                        ports.app(),
                        ports.ambassador(),
                        ports.adapter(),
                        ports.central(),
                        suite.routes(),
                        suite.routes().getParent().resolveSibling("output"));
    }

    private static void requireNoOther(Path folder) throws IOException {
        for (ProcessHandle process : Suite.processesOf(folder)) {
            if (ProcessLaunch.commandLine(process.pid()).contains(Up.class.getName())) {
                throw new IOException(
                        "./up already runs here as process %d; stop it with Ctrl-C or: kill %d"
                                .formatted(process.pid(), process.pid()));
            }
        }
    }

    private static void clean(Path folder) throws IOException {
        requireNoOther(folder);
        Suite.stopLeftovers(folder);
        boolean present = Files.exists(folder);
        ProcessLaunch.deleteRecursively(folder);
        System.out.println(present ? "removed " + folder : "nothing to remove");
    }
}
