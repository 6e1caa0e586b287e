package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What no schema tells but an API server or a kubelet goes by: names, references inside of a build,
 * fields that may never change.
 */
class ApiServerTest {

    /** RFC 1123, as Kubernetes' {@code IsDNS1123Label}. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final Pattern LABEL_VALUE =
            Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");

    /** IANA_SVC_NAME: what a port may be called. */
    private static final Pattern PORT_NAME =
            Pattern.compile("(?=.*[a-z])[a-z0-9](-?[a-z0-9]){0,14}");

    private static final Pattern VARIABLE = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");

    /** A StatefulSet's name and a hash of ten characters are the value of a label. */
    private static final int LONGEST_STATEFUL_SET = 52;

    private static final List<String> SUITES =
            List.of(".", "overlays/local", "overlays/production");

    private static final String VERSION = "app.kubernetes.io/version";

    private final List<String> problems = new ArrayList<>();

    @Test
    void namesLabelsAndPortsAreSpelledAsTheyMayBe() {
        for (String folder : Manifests.kustomizations()) {
            for (HasMetadata object : Manifests.built(folder)) {
                String name = object.getMetadata().getName();
                boolean free = object instanceof ConfigMap || object instanceof Secret;
                check(free || LABEL.matcher(name).matches(), folder + ": name " + name);
                check(
                        !(object instanceof StatefulSet) || name.length() <= LONGEST_STATEFUL_SET,
                        folder + ": too long a name " + name);
                labels(object)
                        .forEach(
                                value ->
                                        check(
                                                LABEL_VALUE.matcher(value).matches(),
                                                folder + ": label " + value));
            }
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                Set<String> names = new HashSet<>();
                for (ContainerPort port : placed.container().getPorts()) {
                    check(
                            PORT_NAME.matcher(port.getName()).matches()
                                    && names.add(port.getName()),
                            placed + ": port " + port.getName());
                }
            }
        }
        assertNoProblems();
    }

    private static Stream<String> labels(HasMetadata object) {
        Map<String, String> own = object.getMetadata().getLabels();
        return Stream.concat(
                own == null ? Stream.of() : own.values().stream(),
                Rendering.podOf(object).stream()
                        .map(pod -> pod.getMetadata())
                        .filter(Objects::nonNull)
                        .map(metadata -> metadata.getLabels())
                        .filter(Objects::nonNull)
                        .flatMap(labels -> labels.values().stream()));
    }

    @Test
    void aPodRefersToWhatItHas() {
        for (String folder : Manifests.kustomizations()) {
            for (HasMetadata object : Manifests.built(folder)) {
                Rendering.podOf(object).ifPresent(pod -> checkReferences(folder, object, pod));
            }
        }
        assertNoProblems();
    }

    private void checkReferences(String folder, HasMetadata object, PodTemplateSpec pod) {
        Set<String> volumes = new HashSet<>();
        pod.getSpec().getVolumes().forEach(volume -> volumes.add(volume.getName()));
        claims(object).forEach(claim -> volumes.add(claim.getMetadata().getName()));
        Set<String> names = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (Container container : Manifests.containersOf(pod)) {
            String place = folder + ": " + container.getName();
            check(names.add(container.getName()), place + " is there twice");
            Set<String> paths = new HashSet<>();
            for (VolumeMount mount : container.getVolumeMounts()) {
                check(volumes.contains(mount.getName()), place + ": no volume " + mount.getName());
                check(paths.add(mount.getMountPath()), place + ": twice " + mount.getMountPath());
            }
            // One network for all: two containers cannot listen on one port.
            container
                    .getPorts()
                    .forEach(
                            port ->
                                    check(
                                            ports.add(port.getContainerPort()),
                                            place + ": port " + port.getContainerPort()));
            Stream.of(
                            container.getStartupProbe(),
                            container.getReadinessProbe(),
                            container.getLivenessProbe())
                    .filter(Objects::nonNull)
                    .map(ApiServerTest::port)
                    .forEach(port -> check(names(container).contains(port), place + ": " + port));
        }
    }

    private static List<PersistentVolumeClaim> claims(HasMetadata object) {
        return object instanceof StatefulSet set
                ? set.getSpec().getVolumeClaimTemplates()
                : List.of();
    }

    private static String port(Probe probe) {
        IntOrString port =
                probe.getTcpSocket() == null
                        ? probe.getHttpGet().getPort()
                        : probe.getTcpSocket().getPort();
        return port.getStrVal();
    }

    private static List<String> names(Container container) {
        return container.getPorts().stream().map(ContainerPort::getName).toList();
    }

    @Test
    void aBuildHasTheConfigMapsAndSecretsThatItsPodsWaitFor() {
        for (String folder : Manifests.ours()) {
            List<HasMetadata> objects = Manifests.built(folder);
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                for (EnvFromSource source : placed.container().getEnvFrom()) {
                    String name = source.getConfigMapRef().getName();
                    check(has(ConfigMap.class, name, objects), placed + ": ConfigMap " + name);
                    Manifests.of(ConfigMap.class, objects).stream()
                            .filter(map -> map.getMetadata().getName().equals(name))
                            .flatMap(map -> map.getData().keySet().stream())
                            .forEach(
                                    key ->
                                            check(
                                                    VARIABLE.matcher(key).matches(),
                                                    placed + ": variable " + key));
                }
                for (Volume volume : placed.pod().getSpec().getVolumes()) {
                    if (volume.getConfigMap() != null) {
                        String name = volume.getConfigMap().getName();
                        check(has(ConfigMap.class, name, objects), placed + ": ConfigMap " + name);
                    }
                    if (volume.getSecret() != null
                            && !Boolean.TRUE.equals(volume.getSecret().getOptional())
                            && !folder.equals("overlays/production")) {
                        String name = volume.getSecret().getSecretName();
                        check(has(Secret.class, name, objects), placed + ": Secret " + name);
                    }
                }
            }
        }
        assertNoProblems();
    }

    private static boolean has(
            Class<? extends HasMetadata> type, String name, List<HasMetadata> objects) {
        return Manifests.of(type, objects).stream()
                .anyMatch(object -> object.getMetadata().getName().equals(name));
    }

    @Test
    void aServiceAndAPolicyNamePortsOfTheirPods() {
        for (String folder : SUITES) {
            List<HasMetadata> objects = Manifests.built(folder);
            for (Service service : Manifests.of(Service.class, objects)) {
                service.getSpec()
                        .getPorts()
                        .forEach(
                                port ->
                                        checkPort(
                                                folder + ": Service",
                                                port.getTargetPort(),
                                                service.getSpec().getSelector(),
                                                objects));
            }
            for (NetworkPolicy policy : Manifests.of(NetworkPolicy.class, objects)) {
                policy.getSpec().getIngress().stream()
                        .flatMap(rule -> rule.getPorts().stream())
                        .forEach(
                                port ->
                                        checkPort(
                                                folder + ": NetworkPolicy",
                                                port.getPort(),
                                                policy.getSpec().getPodSelector().getMatchLabels(),
                                                objects));
            }
        }
        assertNoProblems();
    }

    /** By the application's containers: not every cluster looks for names in init containers. */
    private void checkPort(
            String what,
            IntOrString port,
            Map<String, String> selector,
            List<HasMetadata> objects) {
        for (HasMetadata object : objects) {
            Rendering.podOf(object)
                    .filter(pod -> selects(selector, pod))
                    .ifPresent(
                            pod ->
                                    check(
                                            pod.getSpec().getContainers().stream()
                                                    .anyMatch(
                                                            c ->
                                                                    names(c).contains(
                                                                                    port
                                                                                            .getStrVal())),
                                            what + ": no port " + port + " in " + selector));
        }
    }

    private static boolean selects(Map<String, String> selector, PodTemplateSpec pod) {
        return pod.getMetadata().getLabels().entrySet().containsAll(selector.entrySet());
    }

    /** A later version is applied over an earlier one: what may not change does not name it. */
    @Test
    void whatMayNeverChangeHasNoVersionInIt() {
        for (String folder : Manifests.kustomizations()) {
            for (HasMetadata object : Manifests.built(folder)) {
                Map<String, String> selector =
                        switch (object) {
                            case Deployment d -> d.getSpec().getSelector().getMatchLabels();
                            case StatefulSet s -> s.getSpec().getSelector().getMatchLabels();
                            default -> Map.<String, String>of();
                        };
                check(!selector.containsKey(VERSION), folder + ": selector " + selector);
                Rendering.podOf(object)
                        .filter(pod -> !selector.isEmpty())
                        .ifPresent(pod -> check(selects(selector, pod), folder + ": " + selector));
                for (PersistentVolumeClaim claim : claims(object)) {
                    Map<String, String> labels = claim.getMetadata().getLabels();
                    check(
                            labels == null || !labels.containsKey(VERSION),
                            folder + ": claim " + labels);
                }
            }
        }
        assertNoProblems();
    }

    /** So that deleting the namespace deletes all, and applying once is enough. */
    @Test
    void theNamespaceComesFirstAndEverythingIsInIt() {
        for (String folder : SUITES) {
            List<HasMetadata> objects = Manifests.built(folder);
            assertTrue(objects.getFirst() instanceof Namespace, folder);
            for (HasMetadata object : objects.subList(1, objects.size())) {
                assertEquals(
                        objects.getFirst().getMetadata().getName(),
                        object.getMetadata().getNamespace(),
                        folder + ": " + object.getKind() + " " + object.getMetadata().getName());
            }
        }
    }

    private void check(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    private void assertNoProblems() {
        assertEquals(List.of(), problems);
    }
}
