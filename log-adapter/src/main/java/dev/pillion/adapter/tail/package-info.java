/**
 * Finds the files and tells who each one is. In: folders, globs. Out: a {@link
 * dev.pillion.adapter.tail.TailedFile} given to a worker. One scan thread looks ({@code Tailer},
 * {@code Inventory}) and tells who goes on with which identity ({@code Lineage}, {@code Archives});
 * the workers' threads ship. Bounded by {@code adapter.max-files} and {@code
 * adapter.max-open-files}. A file's identity survives renaming, copying, compressing and restarts.
 */
package dev.pillion.adapter.tail;
