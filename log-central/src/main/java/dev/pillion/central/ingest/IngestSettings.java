package dev.pillion.central.ingest;

import java.time.Duration;

/**
 * What taking in may cost.
 *
 * @param limits of one request
 * @param bodyMemory most bytes of bodies in memory, of all requests together
 * @param bodyTimeout how long a body may take to come
 * @param concurrent requests that are decoded and written at once
 * @param patience how long another waits for its turn, and then for the store
 */
public record IngestSettings(
        IngestLimits limits,
        long bodyMemory,
        Duration bodyTimeout,
        int concurrent,
        Duration patience) {}
