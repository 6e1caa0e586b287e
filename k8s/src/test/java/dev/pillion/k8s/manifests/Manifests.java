package dev.pillion.k8s.manifests;

import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The folder {@code k8s/} and what its kustomizations build, as Kubernetes' own types. */
public final class Manifests {

    /** The module's folder; Maven runs its tests there. */
    public static final Path FOLDER = Path.of("").toAbsolutePath();

    private static final Map<String, List<HasMetadata>> BUILT = new ConcurrentHashMap<>();

    private Manifests() {}

    /** Every folder that can be given to {@code kubectl apply -k}, relative to {@code k8s/}. */
    static List<String> kustomizations() {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.endsWith("kustomization.yaml"))
                    .filter(file -> !FOLDER.relativize(file).startsWith("target"))
                    .filter(file -> read(file).contains("\nkind: Kustomization\n"))
                    .map(file -> FOLDER.relativize(file.getParent()).toString())
                    .map(folder -> folder.isEmpty() ? "." : folder)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kustomizations that a user applies: all but those that exist to be built. */
    static List<String> ours() {
        return kustomizations().stream().filter(folder -> !folder.startsWith("tests/")).toList();
    }

    /** What a folder builds, by the first kubectl found, each object strictly parsed. */
    public static List<HasMetadata> built(String folder) {
        return BUILT.computeIfAbsent(
                folder,
                f -> {
                    Kubectl.Build build =
                            Kubectl.all().getFirst().build(FOLDER.resolve(f).toString());
                    if (!build.succeeded()) {
                        throw new AssertionError(f + ": " + build.complaint());
                    }
                    return Rendering.parse(build.yaml()).objects();
                });
    }

    /** All containers of a pod, init containers (the helpers) first. */
    static List<Container> containersOf(PodTemplateSpec pod) {
        List<Container> containers = new ArrayList<>(pod.getSpec().getInitContainers());
        containers.addAll(pod.getSpec().getContainers());
        return containers;
    }

    /** Every container of a folder's build with a name for messages. */
    static List<Placed> containers(String folder) {
        List<Placed> placed = new ArrayList<>();
        for (HasMetadata object : built(folder)) {
            Rendering.podOf(object)
                    .ifPresent(
                            pod -> {
                                for (Container container : containersOf(pod)) {
                                    placed.add(new Placed(folder, object, pod, container));
                                }
                            });
        }
        return placed;
    }

    /** The objects of one type in a build. */
    static <T extends HasMetadata> List<T> of(Class<T> type, List<HasMetadata> objects) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A container where it was found. */
    record Placed(String folder, HasMetadata object, PodTemplateSpec pod, Container container) {

        /** Whether the image is one of this project's. */
        boolean ours() {
            return container.getImage().matches("(.*/)?pillion/.*");
        }

        /** Whether it is a native sidecar. */
        boolean helper() {
            return "Always".equals(container.getRestartPolicy());
        }

        /** Whether it serves nobody: a Job's own container. */
        boolean endsByItself() {
            return object instanceof Job && !helper();
        }

        @Override
        public String toString() {
            return "%s: %s %s: container %s"
                    .formatted(
                            folder,
                            object.getKind(),
                            object.getMetadata().getName(),
                            container.getName());
        }
    }
}
