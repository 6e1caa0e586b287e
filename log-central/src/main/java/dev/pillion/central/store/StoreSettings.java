package dev.pillion.central.store;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the embedded store may use.
 *
 * @param directory everything it writes is in here
 * @param headBytes memory of the records that are not in chunks yet; at twice that none is taken
 * @param journalBytes journal on disk; more is not taken
 * @param replayBytes journal that a restart reads, about; what is older is sealed
 * @param chunkRecords records after which a chunk is sealed
 * @param chunkAge a chunk older than this is sealed
 * @param compactInterval between two looks for small chunks to join
 * @param commitInterval between two commits of the indices
 * @param maxAge days older than this are deleted
 * @param maxBytes the oldest days are deleted while the chunks take more
 * @param freeBytes what must stay free on the disk; below it nothing is taken
 * @param repeatWindow how long a request without file positions is recognised
 */
public record StoreSettings(
        Path directory,
        long headBytes,
        long journalBytes,
        long replayBytes,
        int chunkRecords,
        Duration chunkAge,
        Duration compactInterval,
        Duration commitInterval,
        Duration maxAge,
        long maxBytes,
        long freeBytes,
        Duration repeatWindow) {}
