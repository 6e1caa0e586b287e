/**
 * The application nobody may change, and how it starts and stops.
 *
 * <p>What comes in: settings (MicroProfile Config). What goes out: the parts, made and wired by
 * {@link dev.pillion.legacy.Wiring}, started and stopped by {@link dev.pillion.legacy.Running}. The
 * packages are the stages that data passes: {@code web} (HTTP) to {@code desk} (what an order is)
 * to {@code store} (Jakarta Persistence, {@code localhost:15432}), beside it {@code partner}
 * ({@code http://localhost:18081}); all of them write by {@code logging}; {@code workload} is who
 * orders when nobody does. Thread: main, at start; the container's shutdown hook, at the end.
 */
package dev.pillion.legacy;
