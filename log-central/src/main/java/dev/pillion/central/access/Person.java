package dev.pillion.central.access;

import java.util.Set;

/**
 * Who signed on.
 *
 * @param name for people, as the provider gave it
 * @param namespaces what the person is limited to; empty is all
 */
record Person(String name, Set<String> namespaces) {

    Person {
        namespaces = Set.copyOf(namespaces);
    }
}
