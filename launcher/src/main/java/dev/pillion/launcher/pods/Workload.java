package dev.pillion.launcher.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What makes a pod.
 *
 * @param name of the Deployment, StatefulSet, Job or Pod
 * @param namespace where it is
 * @param pod the template
 */
public record Workload(String name, String namespace, PodTemplateSpec pod) {

    Map<String, String> labels() {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    /** All containers in the order of their start. */
    List<Container> containers() {
        return Stream.concat(
                        pod.getSpec().getInitContainers().stream(),
                        pod.getSpec().getContainers().stream())
                .toList();
    }

    /** The container of that name, which must be there. */
    Container container(String container) {
        return containers().stream()
                .filter(c -> c.getName().equals(container))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        name + " has no container " + container));
    }

    /** Whether a container is a native sidecar. */
    static boolean isSidecar(Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    /** Whether a container ends before the next one starts. */
    boolean isInit(Container container) {
        return pod.getSpec().getInitContainers().contains(container) && !isSidecar(container);
    }

    /** Whether a container that ended is not started again. */
    boolean endsByItself(Container container) {
        boolean job = "Never".equals(pod.getSpec().getRestartPolicy());
        return isInit(container) || (job && !isSidecar(container));
    }
}
