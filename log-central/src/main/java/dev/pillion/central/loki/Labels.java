package dev.pillion.central.loki;

import dev.pillion.central.ingest.Origin;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Severities;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What Loki calls labels: attributes of the resource whose values are few, with underscores as Loki
 * writes them, and {@code level}, which is the record's severity.
 */
final class Labels {

    static final String LEVEL = "level";

    /** Under this name Grafana asks for it as well. */
    static final String DETECTED_LEVEL = "detected_level";

    private static final Map<String, String> ATTRIBUTES = new LinkedHashMap<>();

    static {
        for (String attribute :
                List.of(
                        "service.name",
                        "service.namespace",
                        "k8s.cluster.name",
                        "k8s.namespace.name",
                        "k8s.deployment.name",
                        "k8s.node.name",
                        "k8s.pod.name",
                        "k8s.container.name",
                        "host.name",
                        "log.file.path")) {
            ATTRIBUTES.put(attribute.replace('.', '_'), attribute);
        }
    }

    private Labels() {}

    /** The resource attributes that are labels, by the label's name. */
    static Map<String, String> attributes() {
        return ATTRIBUTES;
    }

    static boolean isLevel(String label) {
        return label.equals(LEVEL) || label.equals(DETECTED_LEVEL);
    }

    /** The labels that a resource has; without the level, which is the records'. */
    static SortedMap<String, String> of(Origin resource) {
        SortedMap<String, String> labels = new TreeMap<>();
        ATTRIBUTES.forEach(
                (label, attribute) -> {
                    String value = resource.attribute(attribute);
                    if (!value.isEmpty()) {
                        labels.put(label, value);
                    }
                });
        return labels;
    }

    /**
     * @param band index into {@link Severities#BANDS}
     */
    static String level(int band) {
        return band == 0 ? "unknown" : Severities.BANDS.get(band).toLowerCase(Locale.ROOT);
    }

    /**
     * @param severity a name of {@link Severities#BANDS}
     */
    static String levelOf(String severity) {
        return level(Severities.BANDS.indexOf(severity));
    }

    /** Records whose level is one that the test takes. */
    static Condition levels(Predicate<String> test) {
        List<Condition> parts = new ArrayList<>();
        for (int band = 0; band < Severities.BANDS.size(); band++) {
            if (test.test(level(band))) {
                int first = band == 0 ? 0 : 4 * band - 3;
                parts.add(new Condition.Severity(first, band == 0 ? 0 : first + 3));
            }
        }
        return parts.size() == Severities.BANDS.size()
                ? new Condition.Everything()
                : new Condition.Or(parts);
    }
}
