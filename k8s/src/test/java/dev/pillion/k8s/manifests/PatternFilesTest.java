package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** The hand-written pods of the patterns have exactly the helper that the components inject. */
class PatternFilesTest {

    private static final Map<String, String> HELPERS =
            Map.of("sidecar", "log-exporter", "adapter", "log-adapter", "ambassador", "ambassador");

    @Test
    void thePatternsHelperIsTheComponents() {
        HELPERS.forEach(
                (pattern, helper) ->
                        assertEquals(
                                helper("tests/deployment", helper),
                                helper("patterns/" + pattern, helper),
                                pattern));
    }

    @Test
    void aPatternIsReadInASight() {
        for (String pattern : HELPERS.keySet()) {
            PodTemplateSpec pod = pod("patterns/" + pattern);
            assertEquals(1, pod.getSpec().getContainers().size(), pattern);
            assertEquals(1, pod.getSpec().getInitContainers().size(), pattern);
            long lines =
                    Manifests.read(
                                    Manifests.FOLDER
                                            .resolve("patterns/" + pattern)
                                            .resolve("pod.yaml"))
                            .lines()
                            .count();
            assertTrue(lines <= 70, pattern + " has " + lines + " lines");
        }
    }

    private static PodTemplateSpec pod(String folder) {
        return Manifests.built(folder).stream()
                .flatMap(object -> Rendering.podOf(object).stream())
                .findFirst()
                .orElseThrow();
    }

    /** Without the hash in the settings' name: the settings may differ. */
    private static Container helper(String folder, String name) {
        Container container =
                pod(folder).getSpec().getInitContainers().stream()
                        .filter(c -> c.getName().equals(name))
                        .findFirst()
                        .orElseThrow();
        List<EnvFromSource> sources =
                container.getEnvFrom().stream()
                        .map(
                                source ->
                                        source.edit()
                                                .editConfigMapRef()
                                                .withName(
                                                        source.getConfigMapRef()
                                                                .getName()
                                                                .replaceAll("-[0-9a-z]{10}$", ""))
                                                .endConfigMapRef()
                                                .build())
                        .toList();
        return new ContainerBuilder(container).withEnvFrom(sources).build();
    }
}
