package dev.pillion.k8s.pods;

import dev.pillion.launcher.mount.MountedDirectory;
import dev.pillion.launcher.process.ProcessLaunch;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A rendered suite as podman pods, one replica of each workload.
 *
 * <p>What a kubelet does is done here: ConfigMaps and Secrets are mounted through {@code ..data},
 * init containers come first and in order, a native sidecar's startup probe holds back what comes
 * after it, containers that end are started again. Services become names in each pod's hosts file,
 * so a Service's port must be its pods' port. Not done: scheduling, policies, rollouts.
 */
final class RunningPods implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int FIRST_ADDRESS = 10;

    private final Podman podman;
    private final Path folder;
    private final String network;
    private final String subnet;
    private final List<HasMetadata> objects;
    private final Map<String, PodTemplateSpec> pods;
    private final Map<String, Integer> addresses = new LinkedHashMap<>();
    private final Map<String, MountedDirectory> mounts = new HashMap<>();
    private final HttpClient client = trustingClient();

    /**
     * Pods that do not run yet.
     *
     * @param objects as rendered
     * @param pods the pod of each workload, by the workload's name
     * @param folder for volumes; on a file system where podman may mount from
     */
    RunningPods(
            Podman podman,
            List<HasMetadata> objects,
            Map<String, PodTemplateSpec> pods,
            Path folder) {
        this.podman = podman;
        this.objects = List.copyOf(objects);
        this.pods = new LinkedHashMap<>(pods);
        this.folder = folder;
        int number = new SecureRandom().nextInt(1, 250);
        this.network = "pillion-" + number + "-" + ProcessHandle.current().pid();
        this.subnet = "10.213." + number + ".";
        int next = FIRST_ADDRESS;
        for (String name : this.pods.keySet()) {
            addresses.put(name, next++);
        }
    }

    /** Starts every pod, all at the same time as a cluster does, and waits until all are ready. */
    void start() throws IOException {
        podman.run("network", "create", "--disable-dns", "--subnet", subnet + "0/24", network);
        List<Thread> starting = new ArrayList<>();
        Map<String, Exception> failures = new TreeMap<>();
        for (String name : pods.keySet()) {
            createPod(name);
        }
        for (String name : pods.keySet()) {
            starting.add(
                    Thread.ofVirtual()
                            .name("start " + name)
                            .start(
                                    () -> {
                                        try {
                                            startPod(name);
                                        } catch (IOException | RuntimeException e) {
                                            synchronized (failures) {
                                                failures.put(name, e);
                                            }
                                        }
                                    }));
        }
        for (Thread thread : starting) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        if (!failures.isEmpty()) {
            throw new IOException(failures.toString());
        }
    }

    /** A pod's address in the pods' network; the host reaches it. */
    String address(String pod) {
        return subnet + addresses.get(pod);
    }

    /**
     * Edits a ConfigMap as {@code kubectl edit} does; the pods see it at once.
     *
     * @param map name as rendered
     */
    void edit(String map, String key, String value) throws IOException {
        ConfigMap found =
                objects.stream()
                        .filter(ConfigMap.class::isInstance)
                        .map(ConfigMap.class::cast)
                        .filter(m -> m.getMetadata().getName().equals(map))
                        .findFirst()
                        .orElseThrow();
        found.getData().put(key, value);
        for (Map.Entry<String, MountedDirectory> mount : mounts.entrySet()) {
            if (mount.getKey().endsWith("/configmap-" + map)) {
                mount.getValue().replace(found.getData());
            }
        }
    }

    /** Ends a container at once, as the kernel does when memory is short. */
    void kill(String pod, String container) throws IOException {
        podman.run("kill", "-s", "KILL", containerName(pod, container));
    }

    /** How often a container was started anew. */
    int restarts(String pod, String container) throws IOException {
        return Integer.parseInt(
                podman.run("inspect", "-f", "{{.RestartCount}}", containerName(pod, container)));
    }

    /** What a container printed. */
    String logs(String pod, String container) throws IOException {
        return podman.run("logs", "--tail", "30", containerName(pod, container));
    }

    /** Runs a program in a container. */
    String exec(String pod, String container, String... program) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("exec", containerName(pod, container)));
        arguments.addAll(List.of(program));
        return podman.run(arguments);
    }

    /** Whether a container's readiness probe succeeds. */
    boolean ready(String pod, String container) {
        Container found =
                pods.get(pod).getSpec().getInitContainers().stream()
                        .filter(c -> c.getName().equals(container))
                        .findFirst()
                        .orElseGet(
                                () ->
                                        pods.get(pod).getSpec().getContainers().stream()
                                                .filter(c -> c.getName().equals(container))
                                                .findFirst()
                                                .orElseThrow());
        return succeeds(pod, found, found.getReadinessProbe());
    }

    private void createPod(String name) throws IOException {
        PodTemplateSpec pod = pods.get(name);
        List<String> create =
                new ArrayList<>(
                        List.of(
                                "pod",
                                "create",
                                "--name",
                                podName(name),
                                "--hostname",
                                name,
                                "--network",
                                network,
                                "--ip",
                                address(name),
                                "--infra-image",
                                "docker.io/pillion/busybox:0.1.0",
                                "--infra-command",
                                "/bin/sleep 2000000000"));
        for (HasMetadata object : objects) {
            if (object instanceof Service service) {
                for (Map.Entry<String, PodTemplateSpec> target : pods.entrySet()) {
                    Map<String, String> labels = target.getValue().getMetadata().getLabels();
                    if (labels != null
                            && labels.entrySet()
                                    .containsAll(service.getSpec().getSelector().entrySet())) {
                        create.add("--add-host");
                        create.add(
                                service.getMetadata().getName() + ":" + address(target.getKey()));
                    }
                }
            }
        }
        if (pod.getSpec().getSecurityContext() != null) {
            pod.getSpec()
                    .getSecurityContext()
                    .getSysctls()
                    .forEach(
                            sysctl ->
                                    create.addAll(
                                            List.of(
                                                    "--sysctl",
                                                    sysctl.getName() + "=" + sysctl.getValue())));
        }
        podman.run(create);
    }

    private void startPod(String name) throws IOException {
        for (Container container : pods.get(name).getSpec().getInitContainers()) {
            run(name, container);
            if ("Always".equals(container.getRestartPolicy())) {
                await(name, container, container.getStartupProbe(), "started");
            } else {
                podman.run("wait", containerName(name, container.getName()));
            }
        }
        for (Container container : pods.get(name).getSpec().getContainers()) {
            run(name, container);
        }
        List<Container> all = new ArrayList<>(pods.get(name).getSpec().getInitContainers());
        all.addAll(pods.get(name).getSpec().getContainers());
        for (Container container : all) {
            await(name, container, container.getReadinessProbe(), "ready");
        }
    }

    private void run(String pod, Container container) throws IOException {
        List<String> run =
                new ArrayList<>(
                        List.of(
                                "run",
                                "-d",
                                "--pod",
                                podName(pod),
                                "--name",
                                containerName(pod, container.getName()),
                                "--pull",
                                "never",
                                "--restart",
                                "always"));
        SecurityContext context = container.getSecurityContext();
        run.addAll(List.of("--user", context.getRunAsUser() + ":" + context.getRunAsGroup()));
        if (pods.get(pod).getSpec().getSecurityContext() != null
                && pods.get(pod).getSpec().getSecurityContext().getFsGroup() != null) {
            run.addAll(
                    List.of(
                            "--group-add",
                            pods.get(pod).getSpec().getSecurityContext().getFsGroup().toString()));
        }
        run.addAll(
                List.of(
                        "--read-only",
                        "--read-only-tmpfs=false",
                        "--cap-drop",
                        "ALL",
                        "--security-opt",
                        "no-new-privileges"));
        Quantity memory = container.getResources().getLimits().get("memory");
        run.addAll(List.of("--memory", memory.getNumericalAmount().toPlainString()));
        environment(pod, container)
                .forEach((key, value) -> run.addAll(List.of("--env", key + "=" + value)));
        for (VolumeMount mount : container.getVolumeMounts()) {
            run.addAll(
                    List.of(
                            "--volume",
                            volume(pod, mount.getName())
                                    + ":"
                                    + mount.getMountPath()
                                    + (Boolean.TRUE.equals(mount.getReadOnly()) ? ":ro" : "")));
        }
        List<String> command = new ArrayList<>(container.getCommand());
        if (!command.isEmpty()) {
            run.addAll(List.of("--entrypoint", command.removeFirst()));
        }
        run.add("docker.io/" + container.getImage());
        run.addAll(command);
        run.addAll(container.getArgs());
        podman.run(run);
    }

    private Map<String, String> environment(String pod, Container container) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvFromSource source : container.getEnvFrom()) {
            environment.putAll(find(ConfigMap.class, source.getConfigMapRef().getName()).getData());
        }
        Map<String, String> labels = pods.get(pod).getMetadata().getLabels();
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValueFrom() == null) {
                environment.put(variable.getName(), variable.getValue());
                continue;
            }
            String path = variable.getValueFrom().getFieldRef().getFieldPath();
            environment.put(
                    variable.getName(),
                    switch (path) {
                        case "metadata.name" -> pod + "-0";
                        case "metadata.namespace" -> "pillion";
                        case "metadata.uid" ->
                                UUID.nameUUIDFromBytes(pod.getBytes(StandardCharsets.UTF_8))
                                        .toString();
                        case "spec.nodeName" -> "podman";
                        case "status.podIP" -> address(pod);
                        default ->
                                labels.getOrDefault(
                                        path.replaceAll("metadata.labels\\['(.*)'\\]", "$1"), "");
                    });
        }
        return environment;
    }

    /** Where a pod's volume is on this machine; made at its first use. */
    private synchronized Path volume(String pod, String name) throws IOException {
        Volume volume =
                pods.get(pod).getSpec().getVolumes().stream()
                        .filter(v -> v.getName().equals(name))
                        .findFirst()
                        .orElse(null);
        Path path = folder.resolve(pod);
        if (volume == null || volume.getEmptyDir() != null) {
            Path directory = path.resolve(volume == null ? "claim-" + name : "empty-" + name);
            if (!Files.exists(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(
                        directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            return directory;
        }
        boolean secret = volume.getSecret() != null;
        String source =
                secret ? volume.getSecret().getSecretName() : volume.getConfigMap().getName();
        Path directory = path.resolve((secret ? "secret-" : "configmap-") + source);
        if (!mounts.containsKey(directory.toString())) {
            MountedDirectory mount = new MountedDirectory(directory, Clock.systemUTC());
            boolean optional =
                    secret
                            ? Boolean.TRUE.equals(volume.getSecret().getOptional())
                            : Boolean.TRUE.equals(volume.getConfigMap().getOptional());
            mount.replace(secret ? secret(source, optional) : configMap(source, optional));
            mounts.put(directory.toString(), mount);
        }
        return directory;
    }

    private Map<String, String> configMap(String name, boolean optional) {
        if (optional && lacks(ConfigMap.class, name)) {
            return Map.of();
        }
        return find(ConfigMap.class, name).getData();
    }

    private Map<String, String> secret(String name, boolean optional) {
        if (optional && lacks(Secret.class, name)) {
            return Map.of();
        }
        Secret secret = find(Secret.class, name);
        Map<String, String> plain = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach(
                            (key, value) ->
                                    plain.put(
                                            key,
                                            new String(
                                                    Base64.getMimeDecoder().decode(value),
                                                    StandardCharsets.UTF_8)));
        }
        if (secret.getStringData() != null) {
            plain.putAll(secret.getStringData());
        }
        return plain;
    }

    private boolean lacks(Class<? extends HasMetadata> type, String name) {
        return objects.stream()
                .filter(type::isInstance)
                .noneMatch(object -> object.getMetadata().getName().equals(name));
    }

    private <T extends HasMetadata> T find(Class<T> type, String name) {
        return objects.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        type.getSimpleName() + " " + name + " is not there"));
    }

    private void await(String pod, Container container, Probe probe, String state)
            throws IOException {
        if (probe == null) {
            return;
        }
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!succeeds(pod, container, probe)) {
            if (Instant.now().isAfter(deadline)) {
                throw new IOException(
                        "%s/%s is not %s; it printed last:%n%s"
                                .formatted(
                                        pod,
                                        container.getName(),
                                        state,
                                        logs(pod, container.getName())));
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private boolean succeeds(String pod, Container container, Probe probe) {
        if (probe.getTcpSocket() != null) {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                address(pod), port(container, probe.getTcpSocket().getPort())),
                        1000);
                return true;
            } catch (IOException refused) {
                return false;
            }
        }
        String scheme = "HTTPS".equals(probe.getHttpGet().getScheme()) ? "https" : "http";
        URI address =
                URI.create(
                        "%s://%s:%d%s"
                                .formatted(
                                        scheme,
                                        address(pod),
                                        port(container, probe.getHttpGet().getPort()),
                                        probe.getHttpGet().getPath()));
        try {
            int status =
                    client.send(
                                    HttpRequest.newBuilder(address)
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode();
            return status >= 200 && status < 400;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static int port(Container container, IntOrString port) {
        return container.getPorts().stream()
                .filter(p -> p.getName().equals(port.getStrVal()))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    /** A kubelet's HTTPS probes look at no certificate either. */
    private static HttpClient trustingClient() {
        X509TrustManager trusting =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trusting}, new SecureRandom());
            System.setProperty("jdk.internal.httpclient.disableHostnameVerification", "true");
            return HttpClient.newBuilder()
                    .sslContext(context)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private String podName(String pod) {
        return network + "-" + pod;
    }

    private String containerName(String pod, String container) {
        return podName(pod) + "-" + container;
    }

    /** Ends and removes everything; the volumes' folder too. */
    @Override
    public void close() throws IOException {
        for (String name : pods.keySet()) {
            podman.run("pod", "rm", "-f", "-t", "5", "--ignore", podName(name));
        }
        podman.run("network", "rm", "-f", network);
        ProcessLaunch.deleteRecursively(folder);
    }
}
