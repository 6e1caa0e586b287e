package dev.pillion.launcher.pods;

import dev.pillion.launcher.process.RunningProcess;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One pod under podman: its containers start in the order that a kubelet starts them, a native
 * sidecar's startup probe holding back what comes after it, and end in the order that it ends them.
 *
 * <p>Its methods block. Started by one thread; the others may be called by any.
 */
public final class RunningPod {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long DEFAULT_GRACE_SECONDS = 30;

    /** What kubelet grants a sidecar at least, whatever is left. */
    private static final long LEAST_GRACE_SECONDS = 2;

    private static final String LINES_IN_A_MESSAGE = "30";

    private final Podman podman;
    private final Workload workload;
    private final String name;
    private final String address;
    private final PodVolumes volumes;
    private final Rendering rendering;

    /**
     * A pod that does not run yet.
     *
     * @param name of this machine's only pod of that name
     * @param address on the pods' network
     */
    RunningPod(
            Podman podman,
            Workload workload,
            String name,
            String address,
            PodVolumes volumes,
            Rendering rendering) {
        this.podman = podman;
        this.workload = workload;
        this.name = name;
        this.address = address;
        this.volumes = volumes;
        this.rendering = rendering;
    }

    /** Its address; this machine reaches it. */
    public String address() {
        return address;
    }

    /**
     * Makes the pod, without containers.
     *
     * @param network podman's, that all pods are on
     * @param label to find it by
     * @param services names and the addresses they lead to
     */
    void create(String network, String label, Map<String, String> services) throws IOException {
        List<String> create = new ArrayList<>(List.of("pod", "create"));
        create.addAll(List.of("--name", name, "--label", label, "--hostname", workload.name()));
        create.addAll(List.of("--network", network, "--ip", address));
        // Its own image would have to be fetched; this one is there.
        create.addAll(List.of("--infra-image", "docker.io/pillion/busybox:0.1.0"));
        create.addAll(List.of("--infra-command", "/bin/sleep 2000000000"));
        services.forEach(
                (service, target) -> create.addAll(List.of("--add-host", service + ":" + target)));
        PodSecurityContext context = workload.pod().getSpec().getSecurityContext();
        if (context != null) {
            context.getSysctls()
                    .forEach(
                            s ->
                                    create.addAll(
                                            List.of("--sysctl", s.getName() + "=" + s.getValue())));
        }
        podman.run(create);
    }

    /** Starts the containers in their order and waits until all are ready. */
    void start() throws IOException {
        for (Container container : workload.containers()) {
            run(container);
            if (workload.isInit(container)) {
                awaitEnd(container);
            } else if (Workload.isSidecar(container)) {
                await(container, container.getStartupProbe(), "started");
            }
        }
        for (Container container : workload.containers()) {
            await(container, container.getReadinessProbe(), "ready");
        }
    }

    private void run(Container container) throws IOException {
        List<String> run = new ArrayList<>(List.of("run", "-d", "--pod", name));
        run.addAll(List.of("--name", containerName(container.getName()), "--pull", "never"));
        run.addAll(List.of("--restart", workload.endsByItself(container) ? "no" : "always"));
        run.addAll(rights(container));
        run.addAll(
                List.of(
                        "--memory",
                        container
                                .getResources()
                                .getLimits()
                                .get("memory")
                                .getNumericalAmount()
                                .toPlainString()));
        environment(container)
                .forEach((key, value) -> run.addAll(List.of("--env", key + "=" + value)));
        for (VolumeMount mount : container.getVolumeMounts()) {
            run.addAll(List.of("--volume", volumes.option(mount)));
        }
        List<String> command = new ArrayList<>(container.getCommand());
        if (!command.isEmpty()) {
            run.addAll(List.of("--entrypoint", command.removeFirst()));
        }
        run.add(Podman.image(container.getImage()));
        run.addAll(command);
        run.addAll(container.getArgs());
        podman.run(run);
    }

    /** What the manifests ask for in every container, and a test sees to. */
    private List<String> rights(Container container) {
        SecurityContext context = container.getSecurityContext();
        List<String> rights = new ArrayList<>();
        rights.addAll(List.of("--user", context.getRunAsUser() + ":" + context.getRunAsGroup()));
        PodSecurityContext pod = workload.pod().getSpec().getSecurityContext();
        if (pod != null && pod.getFsGroup() != null) {
            rights.addAll(List.of("--group-add", pod.getFsGroup().toString()));
        }
        rights.addAll(List.of("--read-only", "--read-only-tmpfs=false"));
        rights.addAll(List.of("--cap-drop", "ALL", "--security-opt", "no-new-privileges"));
        return rights;
    }

    private Map<String, String> environment(Container container) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvFromSource source : container.getEnvFrom()) {
            String map = source.getConfigMapRef().getName();
            environment.putAll(
                    rendering
                            .of(ConfigMap.class)
                            .filter(m -> m.getMetadata().getName().equals(map))
                            .findFirst()
                            .orElseThrow(() -> new IllegalStateException("no ConfigMap " + map))
                            .getData());
        }
        for (EnvVar variable : container.getEnv()) {
            environment.put(
                    variable.getName(),
                    variable.getValueFrom() == null
                            ? variable.getValue()
                            : downward(variable.getValueFrom().getFieldRef().getFieldPath()));
        }
        return environment;
    }

    /** What the downward API tells of this pod. */
    private String downward(String path) {
        return switch (path) {
            case "metadata.name" -> workload.name() + "-0";
            case "metadata.namespace" -> workload.namespace();
            case "metadata.uid" ->
                    UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
            case "spec.nodeName" -> "podman";
            case "status.podIP" -> address;
            default ->
                    workload.labels()
                            .getOrDefault(path.replaceAll("metadata.labels\\['(.*)'\\]", "$1"), "");
        };
    }

    private void awaitEnd(Container container) throws IOException {
        String exitCode = podman.run("wait", containerName(container.getName()));
        if (!exitCode.equals("0")) {
            throw failed(container, "ended with exit code " + exitCode);
        }
    }

    private void await(Container container, Probe probe, String state) throws IOException {
        if (probe == null) {
            return;
        }
        Instant deadline = Instant.now().plus(PATIENCE);
        try {
            while (!Probing.succeeds(address, container, probe)) {
                if (Instant.now().isAfter(deadline)) {
                    throw failed(
                            container,
                            "is not " + state + " within " + PATIENCE.toSeconds() + " s");
                }
                Thread.sleep(POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private IOException failed(Container container, String what) throws IOException {
        return new IOException(
                "%s/%s %s; it printed last:%n%s"
                        .formatted(
                                workload.name(),
                                container.getName(),
                                what,
                                logs(container.getName())));
    }

    /** Whether a container's readiness probe succeeds now. */
    public boolean ready(String container) throws InterruptedException {
        Container found = workload.container(container);
        return Probing.succeeds(address, found, found.getReadinessProbe());
    }

    /** Ends a container at once, as the kernel does when memory is short. */
    public void kill(String container) throws IOException {
        // By its process: what `podman kill` ends counts as wanted and is not started again.
        String pid = podman.run("inspect", "-f", "{{.State.Pid}}", containerName(container));
        new RunningProcess(Long.parseLong(pid)).signal("KILL");
    }

    /** How often a container was started anew. */
    public int restarts(String container) throws IOException {
        return Integer.parseInt(
                podman.run("inspect", "-f", "{{.RestartCount}}", containerName(container)));
    }

    /** The last lines that a container printed. */
    public String logs(String container) throws IOException {
        return podman.run("logs", "--tail", LINES_IN_A_MESSAGE, containerName(container));
    }

    /** Runs a program in a container and gives what it prints. */
    public String exec(String container, String... program) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("exec", containerName(container)));
        arguments.addAll(List.of(program));
        return podman.run(arguments);
    }

    /**
     * Ends the containers as a kubelet does: the application first, then the sidecars, the one that
     * started last first, each within what is left of the pod's grace period.
     */
    public void stop() throws IOException {
        Long grace = workload.pod().getSpec().getTerminationGracePeriodSeconds();
        Instant end = Instant.now().plusSeconds(grace == null ? DEFAULT_GRACE_SECONDS : grace);
        for (Container container : workload.containers().reversed()) {
            long left = Duration.between(Instant.now(), end).toSeconds();
            podman.run(
                    "stop",
                    "--ignore",
                    "-t",
                    Long.toString(Math.max(LEAST_GRACE_SECONDS, left)),
                    containerName(container.getName()));
        }
    }

    /**
     * Waits until the containers of a Job have ended, then ends its sidecars as a kubelet does.
     *
     * @throws IOException if one of them failed; the message has the last lines it printed
     */
    public void complete() throws IOException {
        for (Container container : workload.pod().getSpec().getContainers()) {
            awaitEnd(container);
        }
        stop();
    }

    /** Removes the pod with all its containers, whatever they do. */
    void remove() throws IOException {
        podman.run("pod", "rm", "-f", "-t", "0", "--ignore", name);
    }

    private String containerName(String container) {
        return name + "-" + container;
    }
}
