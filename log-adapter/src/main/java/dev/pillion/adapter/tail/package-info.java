/**
 * Finds the files and tells who each one is. In: folders, globs. Out: a {@link\n *
 * dev.pillion.adapter.tail.TailedFile} given to a worker. One scan thread; bounded by {@code\n *
 * adapter.max-files}. A file's identity survives renaming, copying and restarts.
 */
package dev.pillion.adapter.tail;
