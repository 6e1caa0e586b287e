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

import java.io.IOException;
import java.nio.file.Files;
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

    /** What a user's own kustomization does, far from this repository. */
    @Test
    void everyComponentCanBeTakenAloneFromARemoteRepository(@TempDir Path temporary)
            throws Exception {
        Path repository = Repository.of(temporary.resolve("pillion"));
        Path mine = Files.createDirectory(temporary.resolve("mine"));
        Files.copy(
                Manifests.FOLDER.resolve("tests/deployment/deployment.yaml"),
                mine.resolve("deployment.yaml"));
        Files.copy(Manifests.FOLDER.resolve("tests/job/job.yaml"), mine.resolve("job.yaml"));
        for (String[] use :
                new String[][] {
                    {"deployment.yaml", "ambassador"},
                    {"deployment.yaml", "log-adapter"},
                    {"deployment.yaml", "log-adapter", "log-adapter/token"},
                    {"deployment.yaml", "log-exporter"},
                    {"job.yaml", "log-adapter/job"},
                    {"job.yaml", "log-exporter/job"}
                }) {
            List<String> components = List.of(use).subList(1, use.length);
            String remote =
                    build(mine, use[0], "file://" + repository + "//k8s/components/", components);
            String local =
                    build(
                            mine,
                            use[0],
                            mine.relativize(Manifests.FOLDER) + "/components/",
                            components);
            assertEquals(local, remote, String.join(" ", use));
            assertTrue(remote.contains("image: pillion/"), remote);
        }
    }

    private static String build(
            Path folder, String resource, String prefix, List<String> components)
            throws IOException {
        StringBuilder kustomization =
                new StringBuilder("resources: [" + resource + "]\ncomponents:\n");
        for (String component : components) {
            String suffix = prefix.startsWith("file:") ? "?ref=HEAD" : "";
            kustomization.append("- ").append(prefix).append(component).append(suffix).append('\n');
        }
        Files.writeString(folder.resolve("kustomization.yaml"), kustomization);
        Kubectl.Build build = Kubectl.all().getLast().build(folder.toString());
        assertTrue(build.succeeded(), kustomization + build.complaint());
        return build.yaml();
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
