package dev.pillion.launcher;

import dev.pillion.launcher.suite.Ports;
import dev.pillion.launcher.suite.Progress;
import dev.pillion.launcher.suite.Suite;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/**
 * Starts the suite on this machine and stops it at Ctrl-C: what {@code ./up} runs once everything
 * is built.
 */
public final class Up {

    private static final String USAGE =
            """
            usage: ./up [--pods] [--data FOLDER] [--clean] | --help

              ./up             builds what is not built, starts the whole suite on this machine, prints the
                               addresses; Ctrl-C stops all of it. Its data is there next time.
              --pods           the same as the pods of k8s/overlays/local, with podman, kubectl and root;
                               builds their images first; Ctrl-C removes all of it
              --data FOLDER    keep the data there instead of in .up/
              --clean          stop what a killed run left behind, remove the data, and end
            """;

    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private Up() {}

    /** Arguments: the checkout's folder, the caller's folder, then those of {@code ./up}. */
    public static void main(String[] args) throws InterruptedException {
        Path checkout = Path.of(args[0]);
        Path caller = Path.of(args[1]);
        Path folder = checkout.resolve(".up");
        boolean clean = false;
        boolean pods = false;
        Iterator<String> options = List.of(args).subList(2, args.length).iterator();
        while (options.hasNext()) {
            String option = options.next();
            if (option.equals("--clean")) {
                clean = true;
            } else if (option.equals("--pods")) {
                pods = true;
            } else if (option.equals("--data") && options.hasNext()) {
                folder = caller.resolve(options.next());
            } else if (option.equals("--help") || option.equals("-h")) {
                System.out.print(USAGE);
                return;
            } else {
                System.err.println("./up does not know what to do with '" + option + "'");
                System.err.print(USAGE);
                System.exit(WRONG_USAGE);
            }
        }
        folder = folder.toAbsolutePath().normalize();
        try {
            if (clean) {
                clean(checkout, folder);
            } else if (pods) {
                new UpPods(checkout, folder).run();
            } else {
                run(checkout, folder);
            }
        } catch (IOException e) {
            System.err.println();
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }

    private static void run(Path checkout, Path folder) throws IOException, InterruptedException {
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
                 raw log files        http://localhost:%d/
                 central log viewer   http://localhost:%d/
               Change a route: edit a file in %s
               What each service prints: %s
               Ctrl-C stops all of it.
               """
                .formatted(
                        ports.app(),
                        ports.ambassador(),
                        ports.adapter(),
                        ports.exporter(),
                        ports.central(),
                        suite.routes(),
                        suite.routes().getParent().resolveSibling("output"));
    }

    private static void clean(Path checkout, Path folder) throws IOException {
        boolean pods = new UpPods(checkout, folder).clean();
        boolean present = Suite.clean(folder) || pods;
        System.out.println(present ? "removed " + folder : "nothing to remove at " + folder);
    }
}
