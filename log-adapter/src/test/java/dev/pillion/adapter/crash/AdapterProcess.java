package dev.pillion.adapter.crash;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.Rig;
import dev.pillion.adapter.ship.Reconciliation;
import dev.pillion.adapter.tail.TailedFile;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The adapter without its HTTP side, as a process that can be killed. Arguments: logs, state,
 * endpoint, service name. The end of its standard input ends it in good order: with exit code 0 if
 * the far end counts of each file what it does itself, else with 3.
 */
public final class AdapterProcess {

    private AdapterProcess() {}

    /** What starts it, with a small memory and without the second compiler. */
    public static List<String> command(Path logs, Path state, URI endpoint, String service) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                AdapterProcess.class.getName(),
                logs.toString(),
                state.toString(),
                endpoint.toString(),
                service);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        try (Adapter adapter =
                Rig.start(
                        Rig.settings(
                                Path.of(args[0]),
                                Path.of(args[1]),
                                URI.create(args[2]),
                                "adapter.batch-bytes",
                                "65536"),
                        args[3])) {
            System.in.read();
            boolean agrees = false;
            for (int i = 0; i < 1000 && !agrees; i++) {
                LockSupport.parkNanos(10_000_000);
                agrees = agrees(adapter);
            }
            adapter.stop();
            System.exit(agrees ? 0 : 3);
        }
    }

    /** A batch under way of a file that is no more is nobody's to tell: the lines are judged. */
    private static boolean agrees(Adapter adapter) {
        Set<String> read =
                adapter.tailer().files().stream().map(TailedFile::id).collect(Collectors.toSet());
        return adapter.checkpoint().states().stream()
                .filter(state -> state.note() == null || read.contains(state.id()))
                .allMatch(
                        state ->
                                adapter.reconciliation()
                                        .of(state.id())
                                        .filter(both -> both.here().equals(state.totals()))
                                        .filter(Reconciliation.Compared::agrees)
                                        .isPresent());
    }
}
