package dev.pillion.central.ingest;

import java.time.Duration;

/**
 * What taking in may cost.
 *
 * @param limits of one request
 * @param bodyMemory most bytes of bodies in memory, of all requests together
 * @param bodyTimeout how long a body may take to come
 * @param concurrent requests that are decoded and written at once
 * @param turnWait how long another waits for its turn
 */
public record IngestSettings(
        IngestLimits limits,
        long bodyMemory,
        Duration bodyTimeout,
        int concurrent,
        Duration turnWait) {}
