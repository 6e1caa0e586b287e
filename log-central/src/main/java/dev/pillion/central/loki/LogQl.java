package dev.pillion.central.loki;

import dev.pillion.central.store.Condition;
import dev.pillion.central.store.ResourceFilter;

import java.util.List;
import java.util.Optional;

/** A query, understood. */
sealed interface LogQl {

    /** Which lines. */
    record Lines(ResourceFilter resources, Condition condition) implements LogQl {}

    /**
     * How many lines, over time.
     *
     * @param range nanoseconds that each count looks back
     * @param rate whether counts are told per second
     * @param by the labels that tell series apart; empty if all do
     */
    record Counts(Lines lines, long range, boolean rate, Optional<List<String>> by)
            implements LogQl {}

    /** A number, which Grafana asks for to see whether anybody answers. */
    record Constant(double value) implements LogQl {}
}
