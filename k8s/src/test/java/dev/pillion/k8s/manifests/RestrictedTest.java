package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/**
 * Pod Security "restricted", in each container itself: a component must not rely on the pod that it
 * is put into.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/security/pod-security-standards/">Pod Security
 *     Standards</a>
 */
class RestrictedTest {

    /** A pod may set these without being more than baseline; ours needs only the one. */
    private static final List<String> SAFE_SYSCTLS = List.of("net.ipv4.ip_unprivileged_port_start");

    @Test
    void everyContainerOfOursIsRestrictedByItself() {
        List<String> problems = new ArrayList<>();
        for (String folder : Manifests.kustomizations()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                if (placed.ours()) {
                    check(placed, problems);
                }
            }
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void whatIsAddedToAForeignAppIsOurs() {
        for (String folder : Manifests.kustomizations()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                assertTrue(placed.ours() || folder.startsWith("tests/"), placed.toString());
            }
        }
    }

    @Test
    void thePodsAreRestricted() {
        List<String> problems = new ArrayList<>();
        for (String folder : Manifests.ours()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                PodSpec pod = placed.pod().getSpec();
                if (Boolean.TRUE.equals(pod.getHostNetwork())
                        || Boolean.TRUE.equals(pod.getHostPID())
                        || Boolean.TRUE.equals(pod.getHostIPC())) {
                    problems.add(placed + ": shares a namespace of the node");
                }
                if (!Boolean.FALSE.equals(pod.getAutomountServiceAccountToken())) {
                    problems.add(placed + ": gets a token of the API server");
                }
                for (Volume volume : pod.getVolumes()) {
                    if (volume.getConfigMap() == null
                            && volume.getSecret() == null
                            && volume.getEmptyDir() == null
                            && volume.getProjected() == null
                            && volume.getPersistentVolumeClaim() == null) {
                        problems.add(placed + ": volume " + volume.getName());
                    }
                }
                if (pod.getSecurityContext() != null) {
                    pod.getSecurityContext().getSysctls().stream()
                            .filter(sysctl -> !SAFE_SYSCTLS.contains(sysctl.getName()))
                            .forEach(sysctl -> problems.add(placed + ": " + sysctl.getName()));
                }
            }
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void theNamespaceEnforcesIt() {
        for (String folder : List.of(".", "overlays/local", "overlays/production")) {
            List<Namespace> namespaces = Manifests.of(Namespace.class, Manifests.built(folder));
            assertEquals(1, namespaces.size(), folder);
            assertEquals(
                    "restricted",
                    namespaces
                            .getFirst()
                            .getMetadata()
                            .getLabels()
                            .get("pod-security.kubernetes.io/enforce"),
                    folder);
        }
    }

    private static void check(Manifests.Placed placed, List<String> problems) {
        SecurityContext context = placed.container().getSecurityContext();
        if (context == null) {
            problems.add(placed + ": no securityContext");
            return;
        }
        if (!Boolean.FALSE.equals(context.getAllowPrivilegeEscalation())) {
            problems.add(placed + ": allowPrivilegeEscalation");
        }
        if (Boolean.TRUE.equals(context.getPrivileged())) {
            problems.add(placed + ": privileged");
        }
        if (!Boolean.TRUE.equals(context.getRunAsNonRoot())) {
            problems.add(placed + ": runAsNonRoot");
        }
        if (!Boolean.TRUE.equals(context.getReadOnlyRootFilesystem())) {
            problems.add(placed + ": readOnlyRootFilesystem");
        }
        if (context.getRunAsUser() == null || context.getRunAsUser() < 10_000) {
            problems.add(placed + ": runAsUser below 10000");
        }
        if (context.getRunAsGroup() == null || context.getRunAsGroup() < 10_000) {
            problems.add(placed + ": runAsGroup below 10000");
        }
        Capabilities capabilities = context.getCapabilities();
        if (capabilities == null
                || !capabilities.getDrop().equals(List.of("ALL"))
                || !capabilities.getAdd().isEmpty()) {
            problems.add(placed + ": capabilities");
        }
        if (context.getSeccompProfile() == null
                || !"RuntimeDefault".equals(context.getSeccompProfile().getType())) {
            problems.add(placed + ": seccompProfile");
        }
        for (ContainerPort port : placed.container().getPorts()) {
            if (port.getHostPort() != null) {
                problems.add(placed + ": hostPort " + port.getHostPort());
            }
        }
    }
}
