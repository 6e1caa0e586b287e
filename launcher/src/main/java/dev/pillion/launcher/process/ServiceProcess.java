package dev.pillion.launcher.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * One of the services as a process of its own, restarted when it ends unasked as kubelet would do.
 *
 * <p>{@link #start} blocks until the service says that it is ready. From then on a virtual thread
 * watches it until {@link #close}. Thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {

    private static final Duration READY_DEADLINE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    private final String name;
    private final ProcessLaunch launch;
    private final URI readiness;
    private final Path output;
    private final Thread watcher;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(PROBE_TIMEOUT).build();

    // Guarded by this.
    private Process process;
    private boolean closing;

    /**
     * A service that does not run yet.
     *
     * @param name for messages
     * @param launch program, arguments and environment
     * @param readiness its MicroProfile Health address for readiness
     * @param output file that gets what it prints
     */
    public ServiceProcess(String name, ProcessLaunch launch, URI readiness, Path output) {
        this.name = name;
        this.launch = launch;
        this.readiness = readiness;
        this.output = output;
        this.watcher = Thread.ofVirtual().name("watch " + name).unstarted(this::watch);
    }

    /**
     * Starts the service and waits until its readiness address answers 200.
     *
     * @throws IOException if it ends, is not ready within a minute, or was closed; the message ends
     *     with what it printed last
     */
    public void start() throws IOException {
        launch();
        awaitReady();
        watcher.start();
    }

    /** The process as it is now; another one after a restart. */
    public synchronized ProcessHandle handle() {
        return process.toHandle();
    }

    /**
     * Waits until the service is ready (again).
     *
     * @throws IOException if it is not within a minute
     */
    public void awaitReady() throws IOException {
        Instant deadline = Instant.now().plus(READY_DEADLINE);
        while (!ready()) {
            boolean watched = watcher.isAlive();
            if (!watched && exited(POLL)) {
                throw new IOException(
                        "%s ended with exit code %d; %s has all that it printed, last:%n%s"
                                .formatted(
                                        name,
                                        currentProcess().exitValue(),
                                        output,
                                        ProcessLaunch.lastLines(output, 10)));
            }
            if (watched) {
                pause(POLL);
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IOException(
                        "%s is not ready after %d s (%s); %s has all that it printed, last:%n%s"
                                .formatted(
                                        name,
                                        READY_DEADLINE.toSeconds(),
                                        readiness,
                                        output,
                                        ProcessLaunch.lastLines(output, 10)));
            }
        }
    }

    private void watch() {
        while (true) {
            exited(Duration.ofDays(365));
            synchronized (this) {
                if (closing) {
                    return;
                }
            }
            System.err.printf(
                    "%s ended with exit code %d and is started again; see %s%n",
                    name, currentProcess().exitValue(), output);
            pause(RESTART_PAUSE);
            try {
                launch();
            } catch (IOException e) {
                System.err.printf("%s cannot be started again: %s%n", name, e.getMessage());
                return;
            }
        }
    }

    private synchronized void launch() throws IOException {
        if (closing) {
            throw new IOException(name + " is closed");
        }
        process = launch.start(output);
    }

    private synchronized Process currentProcess() {
        return process;
    }

    private boolean ready() {
        HttpRequest request = HttpRequest.newBuilder(readiness).timeout(PROBE_TIMEOUT).build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean exited(Duration patience) {
        Process current = currentProcess();
        try {
            return current.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !current.isAlive();
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the service to stop (SIGTERM), and after 15 s ends it. It is not restarted. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            if (process == null) {
                return;
            }
        }
        currentProcess().destroy();
        if (!exited(STOP_DEADLINE)) {
            System.err.printf("%s did not stop within %s and was killed%n", name, STOP_DEADLINE);
            currentProcess().destroyForcibly();
        }
        client.shutdownNow();
    }
}
