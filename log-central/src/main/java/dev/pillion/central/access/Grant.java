package dev.pillion.central.access;

import java.util.Set;

/**
 * What a client may do.
 *
 * @param name the token's name; empty if there is none
 * @param user who signed on; empty if nobody did
 * @param address where the request came from
 * @param namespaces the values of {@code k8s.namespace.name} it is limited to; empty is all
 */
public record Grant(String name, String user, String address, Set<String> namespaces)
        implements Decision {

    /** The resource attribute by which a grant may be limited. */
    public static final String NAMESPACE = "k8s.namespace.name";

    public Grant {
        namespaces = Set.copyOf(namespaces);
    }

    /** Whether it is limited to some namespaces. */
    public boolean limited() {
        return !namespaces.isEmpty();
    }

    /** Whom a rate limit counts as one. */
    public String client() {
        return name + user + "@" + address;
    }
}
