package dev.pillion.adapter.tail;

import java.nio.file.Path;

/**
 * Bytes that a writer cut off before they were read, and that no copy has.
 *
 * @param id identity of the file they were in
 * @param path where it was
 * @param end offset after the last lost byte
 * @param bytes how many are known to have been there, at least one; what was under way when they
 *     were cut off counts as lost
 */
public record Gap(String id, Path path, long end, long bytes) {}
