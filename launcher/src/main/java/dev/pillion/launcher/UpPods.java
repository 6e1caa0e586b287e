package dev.pillion.launcher;

import dev.pillion.launcher.pods.Podman;
import dev.pillion.launcher.pods.Rendering;
import dev.pillion.launcher.pods.RunningPods;
import dev.pillion.launcher.suite.FolderLock;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What {@code ./up --pods} runs: the pods of {@code k8s/overlays/local} under podman, until Ctrl-C.
 */
final class UpPods {

    private final Podman podman;
    private final Path k8s;
    private final Path folder;

    // Guarded by this.
    private Process images;
    private RunningPods pods;
    private boolean stopped;

    /**
     * Pods that do not run yet.
     *
     * @param data the data folder of {@code ./up}
     */
    UpPods(Path checkout, Path data) {
        this.k8s = checkout.resolve("k8s");
        this.podman = new Podman(k8s);
        this.folder = data.resolve("pods");
    }

    /** Builds the images, starts the pods and waits for ever; another thread stops it. */
    void run() throws IOException, InterruptedException {
        try (FolderLock _ = FolderLock.take(folder)) {
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(this::stop));
            buildImages();
            System.out.println(
                    "Starting the pods of k8s/overlays/local; their data is in " + running());
            RunningPods started = start();
            started.start();
            System.out.print(addresses(started));
            Thread.currentThread().join();
        }
    }

    private void buildImages() throws IOException, InterruptedException {
        Process build;
        synchronized (this) {
            requireRunning();
            images = new ProcessBuilder(k8s.resolve("build-images").toString()).inheritIO().start();
            build = images;
        }
        if (build.waitFor() != 0) {
            throw new IOException("k8s/build-images failed");
        }
    }

    private synchronized RunningPods start() throws IOException {
        requireRunning();
        pods =
                new RunningPods(
                        podman,
                        Rendering.of(k8s.resolve("overlays/local")),
                        running(),
                        UpPods::report);
        return pods;
    }

    private void requireRunning() throws IOException {
        if (stopped) {
            throw new IOException("stopped while starting");
        }
    }

    private Path running() {
        return folder.resolve("running");
    }

    private static void report(String pod, Duration after) {
        System.out.printf("  %-18s ready after %.1f s%n", pod, after.toMillis() / 1000.0);
    }

    private void stop() {
        Process build;
        RunningPods started;
        synchronized (this) {
            stopped = true;
            build = images;
            started = pods;
        }
        if (build != null) {
            build.descendants().forEach(ProcessHandle::destroy);
            build.destroy();
        }
        if (started == null) {
            return;
        }
        System.out.println();
        System.out.println("stopping …");
        try {
            started.close();
            System.out.println("stopped; nothing is left");
        } catch (IOException e) {
            System.err.println("not stopped cleanly: " + e.getMessage());
        }
    }

    private static String addresses(RunningPods pods) {
        String app = pods.pod("legacy-app").address();
        return """

               The suite runs as pods. Look at
                 the application      http://%1$s:8080/
                 ambassador's routes  http://%1$s:8091/
                 adapter's preview    http://%1$s:8092/
                 raw log files        http://%1$s:8093/
                 central log viewer   http://%2$s:8094/
               Change a route: edit a file in %3$s
               Ctrl-C removes all of it.
               """
                .formatted(
                        app,
                        pods.pod("log-central").address(),
                        pods.configMap("ambassador-routes"));
    }

    /**
     * Removes what a killed run left behind.
     *
     * @return whether there was anything
     */
    boolean clean() throws IOException {
        return Podman.missing().isEmpty() && RunningPods.removeLeftovers(podman, running());
    }
}
