package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;

import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sums that a node goes by: what fits on it, whom it evicts, how long it waits. */
class PodSumsTest {

    private static final long DEFAULT_GRACE_SECONDS = 30;

    private final List<String> problems = new ArrayList<>();

    @Test
    void aContainerAsksForNoMoreThanItsLimit() {
        for (String folder : Manifests.kustomizations()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                if (placed.ours()) {
                    var resources = placed.container().getResources();
                    resources
                            .getRequests()
                            .forEach(
                                    (resource, asked) ->
                                            check(
                                                    amount(asked)
                                                                    .compareTo(
                                                                            amount(
                                                                                    resources
                                                                                            .getLimits()
                                                                                            .get(
                                                                                                    resource)))
                                                            <= 0,
                                                    placed + ": " + resource));
                }
            }
        }
        assertNoProblems();
    }

    /**
     * A kubelet evicts a pod that uses more ephemeral storage than the sum of its containers'
     * limits; what is in its emptyDirs counts, and a container without a limit adds nothing.
     */
    @Test
    void aPodMayFillItsVolumesBeforeItIsEvicted() {
        for (String folder : Manifests.kustomizations()) {
            for (HasMetadata object : Manifests.built(folder)) {
                Rendering.podOf(object)
                        .ifPresent(
                                pod -> {
                                    BigDecimal volumes =
                                            pod.getSpec().getVolumes().stream()
                                                    .filter(v -> v.getEmptyDir() != null)
                                                    .map(
                                                            v ->
                                                                    amount(
                                                                            v.getEmptyDir()
                                                                                    .getSizeLimit()))
                                                    .reduce(BigDecimal.ZERO, BigDecimal::add);
                                    BigDecimal limit = sum(pod, true, "ephemeral-storage");
                                    check(
                                            volumes.compareTo(limit) < 0,
                                            folder + ": " + volumes + " in " + limit);
                                });
            }
        }
        assertNoProblems();
    }

    /** Two cores and four gibibytes, of which the cluster's own pods have a part. */
    @Test
    void theSuiteFitsASmallNode() {
        BigDecimal cpu = BigDecimal.ZERO;
        BigDecimal memory = BigDecimal.ZERO;
        for (HasMetadata object : Manifests.built("overlays/local")) {
            PodTemplateSpec pod = Rendering.podOf(object).orElse(null);
            if (pod != null) {
                cpu = cpu.add(sum(pod, false, "cpu"));
                memory = memory.add(sum(pod, false, "memory"));
            }
        }
        assertTrue(cpu.compareTo(BigDecimal.ONE) <= 0, cpu + " cores");
        assertTrue(memory.compareTo(new BigDecimal(3L << 30)) <= 0, memory + " bytes");
    }

    private static BigDecimal sum(PodTemplateSpec pod, boolean limits, String resource) {
        return Manifests.containersOf(pod).stream()
                .map(Container::getResources)
                .filter(Objects::nonNull)
                .map(r -> limits ? r.getLimits() : r.getRequests())
                .filter(amounts -> amounts != null && amounts.containsKey(resource))
                .map(amounts -> amount(amounts.get(resource)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }

    /**
     * The helpers of a pod stop one after the other, after the application, in what is left of the
     * pod's grace period; the application has at least a quarter of it.
     */
    @Test
    void theHelpersDrainInWhatIsLeftOfTheGracePeriod() {
        Duration drains =
                setting("log-adapter", "adapter.grace")
                        .plus(setting("ambassador-proxy", "ambassador.drain-grace"));
        assertTrue(
                drains.toSeconds() * 4 <= DEFAULT_GRACE_SECONDS * 3,
                drains + " of " + DEFAULT_GRACE_SECONDS + " s");
        for (String folder : List.of(".", "overlays/local", "overlays/production")) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                assertEquals(
                        null,
                        placed.pod().getSpec().getTerminationGracePeriodSeconds(),
                        placed.toString());
            }
        }
    }

    /** A duration's default, as the module's README has it and its own test sees to. */
    private static Duration setting(String module, String key) {
        String readme =
                Manifests.read(Manifests.FOLDER.resolveSibling(module).resolve("README.md"));
        Matcher row =
                Pattern.compile("\\| `" + Pattern.quote(key) + "` \\| `(?:PT)?(\\d+)[sS]`")
                        .matcher(readme);
        assertTrue(row.find(), module + " has no " + key);
        return Duration.ofSeconds(Long.parseLong(row.group(1)));
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
