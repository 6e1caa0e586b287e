package dev.pillion.adapter.crash;

import dev.pillion.adapter.Adapter;
import dev.pillion.adapter.Rig;

import java.net.URI;
import java.nio.file.Path;

/** The adapter without its HTTP side, as a process that can be killed: logs, state, endpoint. */
public final class AdapterProcess {

    private AdapterProcess() {}

    public static void main(String[] args) throws Exception {
        try (Adapter adapter =
                Rig.start(
                        Rig.settings(
                                Path.of(args[0]),
                                Path.of(args[1]),
                                URI.create(args[2]),
                                "adapter.batch-bytes",
                                "65536"))) {
            System.in.read();
            adapter.stop();
        }
    }
}
