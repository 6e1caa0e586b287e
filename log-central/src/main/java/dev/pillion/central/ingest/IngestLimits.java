package dev.pillion.central.ingest;

/**
 * What one request may cost.
 *
 * @param requestBytes most bytes of a request as sent
 * @param decompressedBytes most bytes after decompression
 * @param records most log records in a request
 * @param depth most levels of nested values in a record
 */
public record IngestLimits(long requestBytes, long decompressedBytes, int records, int depth) {}
