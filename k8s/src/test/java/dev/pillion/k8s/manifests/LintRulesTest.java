package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The rules of kube-linter, kube-score and Polaris that matter here, over every container: those
 * tools skip init containers, and the helpers are init containers.
 */
class LintRulesTest {

    private static final List<String> SUITES =
            List.of(".", "overlays/local", "overlays/production");

    @Test
    void kubeLinterLatestTag() {
        assertNone(
                placed -> {
                    String image = placed.container().getImage();
                    return image.endsWith(":latest") || !image.matches(".*:[^/]+");
                },
                "has no fixed tag");
    }

    @Test
    void kubeLinterUnsetCpuAndMemoryRequirements() {
        assertNone(
                placed -> {
                    ResourceRequirements resources = placed.container().getResources();
                    return resources == null
                            || lacks(resources.getRequests(), "cpu", "memory")
                            || lacks(resources.getLimits(), "cpu", "memory");
                },
                "has no requests or limits");
    }

    @Test
    void kubeScoreContainerEphemeralStorage() {
        assertNone(
                placed -> {
                    ResourceRequirements resources = placed.container().getResources();
                    return lacks(resources.getRequests(), "ephemeral-storage")
                            || lacks(resources.getLimits(), "ephemeral-storage");
                },
                "has no ephemeral-storage");
    }

    @Test
    void memoryRequestIsTheLimitSoThatNobodyIsKilledForANeighbour() {
        assertNone(
                placed ->
                        !placed.container()
                                .getResources()
                                .getRequests()
                                .get("memory")
                                .equals(
                                        placed.container()
                                                .getResources()
                                                .getLimits()
                                                .get("memory")),
                "asks for less memory than its limit");
    }

    @Test
    void kubeLinterNoReadinessAndLivenessProbeHelpersIncluded() {
        assertNone(
                placed ->
                        !placed.folder().startsWith("patterns/")
                                && !placed.endsByItself()
                                && (placed.container().getReadinessProbe() == null
                                        || placed.container().getLivenessProbe() == null
                                        || placed.container().getStartupProbe() == null),
                "lacks a probe");
    }

    @Test
    void aNativeSidecarHasAStartupProbeForOnlyThatMakesTheApplicationWait() {
        assertNone(
                placed -> placed.helper() && placed.container().getStartupProbe() == null,
                "has no startup probe");
    }

    /** A variable may name the file that has it. */
    @Test
    void kubeLinterEnvVarSecret() {
        assertNone(
                placed ->
                        placed.container().getEnv().stream()
                                .anyMatch(
                                        e ->
                                                e.getName()
                                                                .matches(
                                                                        ".*(SECRET|PASSWORD|TOKEN)(?!_FILE).*")
                                                        || (e.getValueFrom() != null
                                                                && e.getValueFrom()
                                                                                .getSecretKeyRef()
                                                                        != null)),
                "has a secret in its environment");
    }

    @Test
    void polarisConfigMapsHoldNoSecret() {
        for (String folder : Manifests.kustomizations()) {
            for (ConfigMap map : Manifests.of(ConfigMap.class, Manifests.built(folder))) {
                for (String key : map.getData().keySet()) {
                    assertTrue(
                            !key.matches("(?i).*(password|secret|token|header\\.).*"),
                            folder + ": " + map.getMetadata().getName() + " has " + key);
                }
            }
        }
    }

    @Test
    void everyEmptyDirHasALimit() {
        for (String folder : Manifests.ours()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                for (Volume volume : placed.pod().getSpec().getVolumes()) {
                    assertTrue(
                            volume.getEmptyDir() == null
                                    || volume.getEmptyDir().getSizeLimit() != null,
                            placed + ": volume " + volume.getName());
                }
            }
        }
    }

    @Test
    void kubeLinterNonExistentServiceAccount() {
        for (String folder : SUITES) {
            List<String> accounts =
                    Manifests.of(ServiceAccount.class, Manifests.built(folder)).stream()
                            .map(account -> account.getMetadata().getName())
                            .toList();
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                String account = placed.pod().getSpec().getServiceAccountName();
                assertTrue(accounts.contains(account), placed + ": account " + account);
            }
        }
    }

    @Test
    void kubeLinterDanglingServiceAndPolicy() {
        for (String folder : SUITES) {
            List<PodTemplateSpec> pods = pods(folder);
            for (HasMetadata object : Manifests.built(folder)) {
                Map<String, String> selector =
                        switch (object) {
                            case Service s -> s.getSpec().getSelector();
                            case NetworkPolicy p -> p.getSpec().getPodSelector().getMatchLabels();
                            case PodDisruptionBudget b ->
                                    b.getSpec().getSelector().getMatchLabels();
                            default -> Map.<String, String>of();
                        };
                assertTrue(
                        pods.stream().anyMatch(pod -> selects(selector, pod)),
                        folder + ": nothing is selected by " + object.getMetadata().getName());
            }
        }
    }

    @Test
    void polarisEveryPodHasItsPolicyByOneLabel() {
        for (String folder : SUITES) {
            List<NetworkPolicy> policies =
                    Manifests.of(NetworkPolicy.class, Manifests.built(folder)).stream()
                            .filter(p -> !p.getMetadata().getName().equals("default-deny"))
                            .toList();
            for (PodTemplateSpec pod : pods(folder)) {
                List<NetworkPolicy> selecting =
                        policies.stream()
                                .filter(
                                        p ->
                                                selects(
                                                        p.getSpec()
                                                                .getPodSelector()
                                                                .getMatchLabels(),
                                                        pod))
                                .toList();
                assertEquals(1, selecting.size(), folder + ": " + pod.getMetadata().getLabels());
                assertEquals(
                        1,
                        selecting.getFirst().getSpec().getPodSelector().getMatchLabels().size(),
                        folder);
            }
        }
    }

    @Test
    void whatNoPolicyAllowsIsRefusedBothWays() {
        for (String folder : SUITES) {
            NetworkPolicy deny =
                    Manifests.of(NetworkPolicy.class, Manifests.built(folder)).stream()
                            .filter(p -> p.getMetadata().getName().equals("default-deny"))
                            .findFirst()
                            .orElseThrow();
            assertEquals(List.of("Ingress", "Egress"), deny.getSpec().getPolicyTypes(), folder);
            assertTrue(deny.getSpec().getIngress().isEmpty(), folder);
            assertTrue(deny.getSpec().getPodSelector().getMatchLabels().isEmpty(), folder);
        }
    }

    @Test
    void kubeLinterPdbUnhealthyPodEvictionPolicy() {
        List<PodDisruptionBudget> budgets =
                Manifests.of(PodDisruptionBudget.class, Manifests.built("overlays/production"));
        assertEquals(2, budgets.size());
        for (PodDisruptionBudget budget : budgets) {
            assertEquals("AlwaysAllow", budget.getSpec().getUnhealthyPodEvictionPolicy());
            assertEquals(1, budget.getSpec().getMaxUnavailable().getIntVal());
            assertEquals(null, budget.getSpec().getMinAvailable());
        }
    }

    @Test
    void kubeLinterNoAntiAffinity() {
        Deployment app =
                Manifests.of(Deployment.class, Manifests.built("overlays/production")).getFirst();
        assertEquals(2, app.getSpec().getReplicas());
        assertTrue(
                app.getSpec().getTemplate().getSpec().getAffinity().getPodAntiAffinity() != null);
        assertEquals(
                1, app.getSpec().getTemplate().getSpec().getTopologySpreadConstraints().size());
    }

    @Test
    void polarisLabelInstanceIsTheName() {
        for (String folder : SUITES) {
            for (HasMetadata object : Manifests.built(folder)) {
                if (Rendering.podOf(object).isPresent()) {
                    assertEquals(
                            object.getMetadata().getName(),
                            object.getMetadata().getLabels().get("app.kubernetes.io/instance"),
                            folder);
                }
            }
        }
    }

    @Test
    void portsHaveNames() {
        assertNone(
                placed ->
                        placed.container().getPorts().stream()
                                .anyMatch(port -> port.getName() == null),
                "has a port without a name");
    }

    private interface Rule {
        boolean brokenBy(Manifests.Placed placed);
    }

    private static void assertNone(Rule rule, String what) {
        List<String> broken = new ArrayList<>();
        for (String folder : Manifests.kustomizations()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                if (placed.ours() && rule.brokenBy(placed)) {
                    broken.add(placed + " " + what);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private static boolean lacks(Map<String, Quantity> quantities, String... names) {
        return quantities == null || !quantities.keySet().containsAll(List.of(names));
    }

    private static List<PodTemplateSpec> pods(String folder) {
        return Manifests.built(folder).stream()
                .flatMap(object -> Rendering.podOf(object).stream())
                .toList();
    }

    private static boolean selects(Map<String, String> selector, PodTemplateSpec pod) {
        return pod.getMetadata().getLabels().entrySet().containsAll(selector.entrySet());
    }
}
