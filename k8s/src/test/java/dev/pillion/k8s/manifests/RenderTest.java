package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.VolumeMount;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class RenderTest {

    @Test
    void everyKubectlBuildsEveryFolderToTheSameBytes() {
        List<Kubectl> all = Kubectl.all();
        List<String> problems = new ArrayList<>();
        for (String folder : Manifests.kustomizations()) {
            String first = "";
            for (Kubectl kubectl : all) {
                Kubectl.Build build = kubectl.build(Manifests.FOLDER.resolve(folder).toString());
                if (!build.succeeded() || !build.complaint().isEmpty()) {
                    problems.add(folder + " by " + kubectl.program() + ": " + build.complaint());
                    continue;
                }
                if (first.isEmpty()) {
                    first = build.yaml();
                } else if (!first.equals(build.yaml())) {
                    problems.add(folder + " differs by " + kubectl.program());
                }
            }
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void everyObjectIsWhatKubernetesKnows() {
        for (String folder : Manifests.kustomizations()) {
            assertFalse(Manifests.built(folder).isEmpty(), folder);
        }
    }

    @Test
    void anUnknownFieldIsAnError() {
        IllegalArgumentException refused =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                Rendering.parse(
                                        """
                                        apiVersion: v1
                                        kind: Pod
                                        metadata: {name: x}
                                        spec: {containers: [{name: x, imagePullPolice: Always}]}
                                        """));
        assertTrue(refused.getMessage().contains("imagePullPolice"), refused.getMessage());
    }

    @Test
    void noObjectIsThereTwice() {
        for (String folder : Manifests.kustomizations()) {
            Set<String> seen = new HashSet<>();
            for (HasMetadata object : Manifests.built(folder)) {
                String name = object.getKind() + " " + object.getMetadata().getName();
                assertTrue(seen.add(name), folder + " has twice " + name);
            }
        }
    }

    /** As {@code kubectl apply -k "https://…//k8s?ref=v0.1.0"}, but for where the clone is from. */
    @Test
    void aRemoteReferenceBuildsTheSame(@TempDir Path temporary) throws Exception {
        Path repository = Repository.of(temporary.resolve("pillion"));
        Kubectl kubectl = Kubectl.all().getLast();
        for (String folder :
                List.of("", "/overlays/local", "/overlays/production", "/patterns/ambassador")) {
            Kubectl.Build remote =
                    kubectl.build("file://" + repository + "//k8s" + folder + "?ref=HEAD");
            assertTrue(remote.succeeded(), remote.complaint());
            assertEquals(kubectl.build(Manifests.FOLDER + folder).yaml(), remote.yaml(), folder);
        }
    }

    @Test
    void aForeignAppGetsTheHelpersAndItsFolderIsShared() {
        for (String folder : List.of("tests/deployment", "tests/statefulset", "tests/job")) {
            List<HasMetadata> objects = Manifests.built(folder);
            String folderInApp =
                    objects.stream()
                            .filter(object -> Rendering.podOf(object).isPresent())
                            .map(o -> o.getMetadata().getAnnotations().get("pillion.dev/log-dir"))
                            .findFirst()
                            .orElseThrow();
            var pod =
                    objects.stream()
                            .flatMap(object -> Rendering.podOf(object).stream())
                            .findFirst()
                            .orElseThrow();
            Container app = pod.getSpec().getContainers().getFirst();
            assertEquals(List.of(folderInApp), mounts(app, "logs"), folder);
            Container adapter =
                    pod.getSpec().getInitContainers().stream()
                            .filter(c -> c.getName().equals("log-adapter"))
                            .findFirst()
                            .orElseThrow();
            assertEquals(List.of("/var/log/app"), mounts(adapter, "logs"), folder);
            assertEquals(
                    "ambassador",
                    pod.getSpec().getInitContainers().getFirst().getName(),
                    folder + ": the component listed last starts first");
        }
    }

    @Test
    void aChangedBootSettingIsARollout() {
        assertFalse(
                hashed("tests/deployment", "log-adapter")
                        .equals(hashed("tests/statefulset", "log-adapter")),
                "different settings have different names");
    }

    @Test
    void routesKeepTheirNameSoThatAnEditReachesRunningPods() {
        for (String folder : Manifests.kustomizations()) {
            for (Manifests.Placed placed : Manifests.containers(folder)) {
                if (!placed.container().getName().equals("ambassador")) {
                    continue;
                }
                assertTrue(
                        placed.pod().getSpec().getVolumes().stream()
                                .anyMatch(
                                        v ->
                                                v.getConfigMap() != null
                                                        && "ambassador-routes"
                                                                .equals(
                                                                        v.getConfigMap()
                                                                                .getName())),
                        placed.toString());
                for (VolumeMount mount : placed.container().getVolumeMounts()) {
                    assertTrue(
                            mount.getSubPath() == null,
                            placed + ": what is mounted by subPath is never updated");
                }
            }
        }
    }

    private static String hashed(String folder, String name) {
        return Manifests.of(ConfigMap.class, Manifests.built(folder)).stream()
                .map(map -> map.getMetadata().getName())
                .filter(n -> n.startsWith(name + "-"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> mounts(Container container, String volume) {
        return container.getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(volume))
                .map(VolumeMount::getMountPath)
                .toList();
    }
}
