package dev.pillion.launcher.pods;

import dev.pillion.launcher.mount.FolderTree;
import dev.pillion.launcher.mount.Kubelet;
import dev.pillion.launcher.mount.Projection;

import io.fabric8.kubernetes.api.model.Service;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A rendering as podman pods, one replica of each workload.
 *
 * <p>What the nodes of a cluster do is done here: ConfigMaps and Secrets are mounted through {@code
 * ..data} and follow their folders, containers that end are started again. Services become names in
 * each pod's hosts file, so a Service's port must be its pods' port. Not done: scheduling,
 * policies, rollouts.
 *
 * <p>Ended by {@link #close}; that may be called from another thread while {@link #start} is still
 * at work, which then ends with an exception.
 */
public final class RunningPods implements AutoCloseable {

    private static final String LABEL = "dev.pillion.pods";
    private static final int FIRST_ADDRESS = 10;

    private final Podman podman;
    private final Rendering rendering;
    private final Path folder;
    private final KeyFolders keys;
    private final Listener listener;
    private final String network;
    private final String subnet;

    // Guarded by this.
    private final Map<String, RunningPod> pods = new LinkedHashMap<>();
    private Kubelet kubelet;
    private boolean closed;

    /** Is told of each pod, on the thread that started it. */
    @FunctionalInterface
    public interface Listener {
        /** A pod's containers are all ready. */
        void ready(String pod, Duration after);
    }

    /**
     * Pods that do not run yet.
     *
     * @param folder for volumes, emptied at the start; on a file system where podman may mount from
     */
    public RunningPods(Podman podman, Rendering rendering, Path folder, Listener listener) {
        this.podman = podman;
        this.rendering = rendering;
        this.folder = folder.toAbsolutePath().normalize();
        this.keys = new KeyFolders(this.folder);
        this.listener = listener;
        int number = new SecureRandom().nextInt(1, 250);
        this.network = "pillion-" + number + "-" + ProcessHandle.current().pid();
        this.subnet = "10.213." + number + ".";
    }

    /** Starts every pod, all at the same time as a cluster does, and waits until all are ready. */
    public void start() throws IOException {
        removeLeftovers(podman, folder);
        keys.write(rendering);
        create();
        Map<String, RunningPod> all = pods();
        Map<String, Exception> failures = new TreeMap<>();
        List<Thread> starting = new ArrayList<>();
        Instant begin = Instant.now();
        all.forEach(
                (name, pod) ->
                        starting.add(
                                Thread.ofVirtual()
                                        .name("start " + name)
                                        .start(
                                                () -> {
                                                    try {
                                                        pod.start();
                                                        listener.ready(
                                                                name,
                                                                Duration.between(
                                                                        begin, Instant.now()));
                                                    } catch (IOException | RuntimeException e) {
                                                        synchronized (failures) {
                                                            failures.put(name, e);
                                                        }
                                                    }
                                                })));
        join(starting);
        requireOpen();
        if (!failures.isEmpty()) {
            List<String> messages = new ArrayList<>();
            failures.values().forEach(failure -> messages.add(failure.getMessage()));
            throw new IOException(String.join(System.lineSeparator(), messages));
        }
    }

    /** The network, then every pod without its containers; the names of all are known to each. */
    private synchronized void create() throws IOException {
        requireOpen();
        podman.run(
                "network",
                "create",
                "--disable-dns",
                "--label",
                label(folder),
                "--subnet",
                subnet + "0/24",
                network);
        List<Projection> projections = new ArrayList<>();
        int next = FIRST_ADDRESS;
        for (Workload workload : rendering.workloads()) {
            PodVolumes volumes = new PodVolumes(volumes(workload.name()), workload, keys);
            projections.addAll(volumes.projections());
            pods.put(
                    workload.name(),
                    new RunningPod(
                            podman,
                            workload,
                            network + "-" + workload.name(),
                            subnet + next++,
                            volumes,
                            rendering));
        }
        kubelet = new Kubelet(projections);
        Map<String, String> services = services();
        for (RunningPod pod : pods.values()) {
            pod.create(network, label(folder), services);
        }
    }

    private synchronized void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("stopped while starting");
        }
    }

    /** Service names and the address of the pod that each selects. */
    private Map<String, String> services() {
        Map<String, String> services = new LinkedHashMap<>();
        for (Service service : rendering.of(Service.class).toList()) {
            for (Workload workload : rendering.workloads()) {
                if (workload.labels()
                        .entrySet()
                        .containsAll(service.getSpec().getSelector().entrySet())) {
                    services.put(
                            service.getMetadata().getName(), pods.get(workload.name()).address());
                }
            }
        }
        return services;
    }

    private synchronized Map<String, RunningPod> pods() {
        return new LinkedHashMap<>(pods);
    }

    /** The pod of the workload of that name. */
    public RunningPod pod(String name) {
        return pods().get(name);
    }

    /** The folder that is a ConfigMap: a file written there reaches the pods within a second. */
    public Path configMap(String name) {
        return keys.configMap(name);
    }

    /** Where a volume of a pod is on this machine. */
    public Path volume(String pod, String volume) {
        return volumes(pod).resolve(volume);
    }

    private Path volumes(String pod) {
        return folder.resolve("volumes").resolve(pod);
    }

    /** Ends every pod as a kubelet does, all at the same time, and removes all there was. */
    @Override
    public void close() throws IOException {
        List<Thread> stopping = new ArrayList<>();
        synchronized (this) {
            closed = true;
            if (kubelet != null) {
                kubelet.close();
            }
        }
        pods().forEach(
                        (name, pod) ->
                                stopping.add(
                                        Thread.ofVirtual()
                                                .name("stop " + name)
                                                .start(() -> stopQuietly(name, pod))));
        join(stopping);
        removeLeftovers(podman, folder);
    }

    private static void stopQuietly(String name, RunningPod pod) {
        try {
            pod.stop();
            pod.remove();
        } catch (IOException e) {
            System.err.println(name + " was not stopped cleanly: " + e.getMessage());
        }
    }

    /**
     * Removes what a killed run left behind, its folder included.
     *
     * @return whether there was anything
     */
    public static boolean removeLeftovers(Podman podman, Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        String filter = "label=" + label(absolute);
        List<String> pods =
                podman.run("pod", "ls", "-q", "--no-trunc", "--filter", filter).lines().toList();
        for (String pod : pods) {
            podman.run("pod", "rm", "-f", "-t", "0", pod);
        }
        List<String> networks =
                podman.run("network", "ls", "-q", "--filter", filter).lines().toList();
        for (String network : networks) {
            podman.run("network", "rm", "-f", network);
        }
        boolean folderIsThere = absolute.toFile().exists();
        FolderTree.delete(absolute);
        return folderIsThere || !pods.isEmpty() || !networks.isEmpty();
    }

    private static String label(Path folder) {
        return LABEL + "=" + folder;
    }

    private static void join(List<Thread> threads) throws IOException {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
