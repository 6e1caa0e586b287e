package dev.pillion.launcher.pods;

import dev.pillion.launcher.process.ProcessLaunch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The podman command with settings under which it works as root without cgroups v2. */
public final class Podman {

    private final Path settings;

    /**
     * Podman with the settings of a checkout.
     *
     * @param k8s the checkout's folder of that name
     */
    public Podman(Path k8s) {
        this.settings = k8s.toAbsolutePath().normalize().resolve("images/containers.conf");
    }

    /** What to do before podman can be used here; empty if it can. */
    public static Optional<String> missing() throws IOException {
        if (!onPath("podman") || !onPath("runc")) {
            return Optional.of(
                    "podman is not installed; on Debian: apt-get install podman runc netavark");
        }
        if (!ProcessLaunch.isRoot()) {
            return Optional.of("podman gives pods addresses of their own only to root: use sudo");
        }
        return Optional.empty();
    }

    /** An image's name in full; those of this project are in no registry. */
    static String image(String name) {
        return name.startsWith("pillion/") ? "docker.io/" + name : name;
    }

    private static boolean onPath(String program) {
        for (String folder : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return Files.isExecutable(Path.of("/usr/sbin", program));
    }

    /**
     * Runs a podman command.
     *
     * @return what it printed, without surrounding white space
     * @throws IOException if it failed; the message is what it complained about
     */
    String run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("podman"));
        command.addAll(arguments);
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        return Command.run(
                command, unified ? Map.of() : Map.of("CONTAINERS_CONF", settings.toString()));
    }

    String run(String... arguments) throws IOException {
        return run(List.of(arguments));
    }
}
