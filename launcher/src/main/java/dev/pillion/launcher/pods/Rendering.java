package dev.pillion.launcher.pods;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;

import io.fabric8.kubernetes.api.model.ConfigMap;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What kustomize printed, as Kubernetes' own types.
 *
 * @param objects in the order they were printed
 */
public record Rendering(List<HasMetadata> objects) {

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

    /** Copies the list. */
    public Rendering {
        objects = List.copyOf(objects);
    }

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

    /** What {@code kubectl kustomize} prints of a folder. */
    public static Rendering of(Path kustomization) throws IOException {
        return parse(
                Command.run(List.of("kubectl", "kustomize", kustomization.toString()), Map.of()));
    }

    /**
     * Parses YAML documents.
     *
     * @throws IllegalArgumentException if a document has a field that its type does not have, or a
     *     kind that no manifest here should have
     */
    public static Rendering parse(String yaml) {
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
        return new Rendering(objects);
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

    /** What makes pods. */
    public List<Workload> workloads() {
        List<Workload> workloads = new ArrayList<>();
        for (HasMetadata object : objects) {
            String namespace = object.getMetadata().getNamespace();
            podOf(object)
                    .ifPresent(
                            pod ->
                                    workloads.add(
                                            new Workload(
                                                    object.getMetadata().getName(),
                                                    namespace == null ? "default" : namespace,
                                                    pod)));
        }
        return workloads;
    }

    /** The objects of one type. */
    public <T extends HasMetadata> Stream<T> of(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast);
    }

    /** A Secret's keys, decoded. */
    public static Map<String, String> plain(Secret secret) {
        Map<String, String> plain = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData().forEach((key, value) -> plain.put(key, decoded(value)));
        }
        if (secret.getStringData() != null) {
            plain.putAll(secret.getStringData());
        }
        return plain;
    }

    private static String decoded(String base64) {
        return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
