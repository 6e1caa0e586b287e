package dev.pillion.adapter;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who the application is, from the environment: {@code OTEL_RESOURCE_ATTRIBUTES} and {@code
 * OTEL_SERVICE_NAME} as OpenTelemetry's "General SDK Configuration" defines them, and what
 * Kubernetes' downward API put there.
 */
final class Identity {

    private static final Map<String, String> DOWNWARD =
            Map.of(
                    "K8S_NAMESPACE_NAME", "k8s.namespace.name",
                    "K8S_POD_NAME", "k8s.pod.name",
                    "K8S_POD_UID", "k8s.pod.uid",
                    "K8S_POD_IP", "k8s.pod.ip",
                    "K8S_NODE_NAME", "k8s.node.name",
                    "K8S_CONTAINER_NAME", "k8s.container.name",
                    "K8S_DEPLOYMENT_NAME", "k8s.deployment.name");

    private Identity() {}

    static Map<String, String> of(Map<String, String> environment) {
        Map<String, String> attributes = new LinkedHashMap<>();
        DOWNWARD.forEach(
                (variable, attribute) -> {
                    String value = environment.getOrDefault(variable, "");
                    if (!value.isEmpty()) {
                        attributes.put(attribute, value);
                    }
                });
        for (String pair :
                environment.getOrDefault("OTEL_RESOURCE_ATTRIBUTES", "").split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                attributes.put(
                        pair.substring(0, equals).strip(),
                        decode(pair.substring(equals + 1).strip()));
            }
        }
        String name = environment.getOrDefault("OTEL_SERVICE_NAME", "");
        if (!name.isEmpty()) {
            attributes.put("service.name", name);
        }
        attributes.putIfAbsent("service.name", "unknown_service");
        return attributes;
    }

    private static String decode(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
