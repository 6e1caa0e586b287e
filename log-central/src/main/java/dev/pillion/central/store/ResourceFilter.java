package dev.pillion.central.store;

import dev.pillion.central.ingest.Origin;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which resources a question is about, decided once a chunk: all records of a chunk are of one
 * resource. An attribute that is absent counts as the empty text.
 */
public sealed interface ResourceFilter {

    ResourceFilter ALL = new Both(List.of());

    boolean includes(Origin resource);

    /** The attribute is one of these. */
    record OneOf(String attribute, Set<String> values) implements ResourceFilter {
        public OneOf {
            values = Set.copyOf(values);
        }

        @Override
        public boolean includes(Origin resource) {
            return values.contains(resource.attribute(attribute));
        }
    }

    /** The pattern matches the whole attribute, or does not. */
    record Matches(String attribute, Pattern pattern, boolean wanted) implements ResourceFilter {
        @Override
        public boolean includes(Origin resource) {
            return pattern.matcher(resource.attribute(attribute)).matches() == wanted;
        }
    }

    /** All of these include it. */
    record Both(List<ResourceFilter> parts) implements ResourceFilter {
        public Both {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean includes(Origin resource) {
            for (ResourceFilter part : parts) {
                if (!part.includes(resource)) {
                    return false;
                }
            }
            return true;
        }
    }
}
