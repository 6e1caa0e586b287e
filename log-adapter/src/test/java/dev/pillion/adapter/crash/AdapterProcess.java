package dev.pillion.adapter.crash;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.Rig;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * The adapter without its HTTP side, as a process that can be killed. Arguments: logs, state,
 * endpoint, service name. The end of its standard input ends it in good order.
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
            adapter.stop();
        }
    }
}
