package dev.pillion.k8s.manifests;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The folder {@code k8s/} and what its kustomizations build, as Kubernetes' own types. */
public final class Manifests {

    /** The module's folder; Maven runs its tests there. */
    public static final Path FOLDER = Path.of("").toAbsolutePath();

    private static final Map<String, Class<? extends HasMetadata>> TYPES =
            Map.ofEntries(
                    Map.entry("v1 Namespace", Namespace.class),
                    Map.entry("v1 ServiceAccount", ServiceAccount.class),
                    Map.entry("v1 ConfigMap", ConfigMap.class),
                    Map.entry("v1 Secret", Secret.class),
                    Map.entry("v1 Service", Service.class),
                    Map.entry("v1 Pod", Pod.class),
                    Map.entry("apps/v1 Deployment", Deployment.class),
                    Map.entry("apps/v1 StatefulSet", StatefulSet.class),
                    Map.entry("apps/v1 DaemonSet", DaemonSet.class),
                    Map.entry("batch/v1 Job", Job.class),
                    Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
                    Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class));

    private static final ObjectMapper STRICT = strict();
    private static final Map<String, List<HasMetadata>> BUILT = new ConcurrentHashMap<>();

    private Manifests() {}

    /** The models collect what they do not know; without that collector it is an error. */
    private static ObjectMapper strict() {
        return new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .setAnnotationIntrospector(
                        new JacksonAnnotationIntrospector() {
                            private static final long serialVersionUID = 1;

                            @Override
                            public Boolean hasAnySetter(Annotated annotated) {
                                return false;
                            }
                        });
    }

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
                    return parse(build.yaml());
                });
    }

    /**
     * Parses documents.
     *
     * @throws IllegalArgumentException if a document has a field that its type does not have, or a
     *     kind that no manifest here should have
     */
    static List<HasMetadata> parse(String yaml) {
        List<HasMetadata> objects = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
            Map<?, ?> fields = (Map<?, ?>) document;
            String type = fields.get("apiVersion") + " " + fields.get("kind");
            Class<? extends HasMetadata> model = TYPES.get(type);
            if (model == null) {
                throw new IllegalArgumentException("no manifest here should be a " + type);
            }
            objects.add(STRICT.convertValue(fields, model));
        }
        return List.copyOf(objects);
    }

    /** The pod that a workload makes; empty for other objects. */
    public static Optional<PodTemplateSpec> podOf(HasMetadata object) {
        return switch (object) {
            case Deployment d -> Optional.of(d.getSpec().getTemplate());
            case StatefulSet s -> Optional.of(s.getSpec().getTemplate());
            case DaemonSet d -> Optional.of(d.getSpec().getTemplate());
            case Job j -> Optional.of(j.getSpec().getTemplate());
            case Pod p ->
                    Optional.of(
                            new PodTemplateSpecBuilder()
                                    .withMetadata(p.getMetadata())
                                    .withSpec(p.getSpec())
                                    .build());
            default -> Optional.empty();
        };
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
            podOf(object)
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
