package dev.pillion.central.query;

import java.time.Duration;

/**
 * What reading may cost.
 *
 * @param timeout a query that takes longer is ended
 * @param concurrent queries that run at once
 * @param page most records in one answer
 */
public record QueryLimits(Duration timeout, int concurrent, int page) {}
