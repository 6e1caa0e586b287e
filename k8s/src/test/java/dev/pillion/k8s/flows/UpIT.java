package dev.pillion.k8s.flows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.launcher.process.PortOwner;
import dev.pillion.launcher.process.RunningProcess;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The script {@code ./up} as a person uses it, on the ports that it tells. */
@ResourceLock(RunningSuite.COMPILED_IN_PORTS)
class UpIT {

    @TempDir Path folder;

    private Path data;

    @BeforeEach
    void requireThePortsThatUpUses() throws IOException {
        data = folder.resolve("data");
        for (int port :
                new int[] {8080, 8091, 8092, 8093, 8094, 15432, 18081, 25432, 25433, 28443}) {
            Optional<PortOwner> owner = PortOwner.of(port);
            assumeTrue(
                    owner.isEmpty(),
                    () -> "needs port " + port + ", taken by " + owner.get().description());
        }
    }

    @Test
    void startsStopsAndStartsAgainOnWhatIsThereAndStopsWhatAKilledRunLeft() throws Exception {
        try (UpRun first = run("first")) {
            first.awaitLine("The suite runs.");
            assertEquals(200, status("http://localhost:8080/"));
            assertEquals(200, status("http://localhost:8091/"));
            assertEquals(200, status("http://localhost:8092/"));
            assertEquals(200, status("http://localhost:8093/"));
            assertEquals(200, status("http://localhost:8094/"));
            try (UpRun second = run("second")) {
                assertEquals(1, second.awaitEnd());
                assertTrue(
                        second.output()
                                .contains("already runs on " + data + " as process " + first.pid()),
                        second.output());
            }
            first.interrupt();
            assertEquals(UpRun.INTERRUPTED, first.awaitEnd());
        }
        assertEquals(List.of(), processesThatName(data));
        try (UpRun again = run("again")) {
            again.awaitLine("The suite runs.");
            kill(again);
        }
        // What was left behind is stopped by the next run before it starts anything, and by
        // --clean.
        try (UpRun next = run("next")) {
            next.awaitLine("log-central");
            kill(next);
        }
        try (UpRun clean = run("clean", "--clean")) {
            assertEquals(0, clean.awaitEnd());
        }
        assertEquals(List.of(), processesThatName(data));
        assertFalse(Files.exists(data));
    }

    private void kill(UpRun run) throws Exception {
        new RunningProcess(run.pid()).signal("KILL");
        run.awaitEnd();
        assertFalse(processesThatName(data).isEmpty());
    }

    @Test
    void leavesNoProcessWhenInterruptedWhileStarting() throws Exception {
        try (UpRun run = run("early")) {
            run.awaitLine("log-central");
            run.interrupt();
            run.awaitEnd();
        }
        assertEquals(List.of(), processesThatName(data));
    }

    @Test
    void namesWhoHasAPortThatItNeeds() throws Exception {
        try (ServerSocket taken = new ServerSocket(8094, 1, InetAddress.getLoopbackAddress());
                UpRun run = run("taken")) {
            assertEquals(1, run.awaitEnd());
            assertTrue(
                    run.output()
                            .contains(
                                    "port 8094 (for log-central) is taken by process "
                                            + ProcessHandle.current().pid()),
                    run.output());
            assertEquals(8094, taken.getLocalPort());
        }
        assertEquals(List.of(), processesThatName(data));
    }

    private UpRun run(String name, String... options) throws IOException {
        return UpRun.start(folder.resolve(name + ".out"), data, options);
    }

    private static int status(String address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(address)).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static List<String> processesThatName(Path data) {
        return ProcessHandle.allProcesses()
                .map(process -> new RunningProcess(process.pid()).commandLine())
                .filter(command -> command.contains(data.toString()))
                .toList();
    }
}
