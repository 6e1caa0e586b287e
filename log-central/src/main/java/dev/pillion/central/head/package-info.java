/**
 * The newest records, in memory, searchable at once. In: the records of a safe request. Out: rows
 * to readers, and full chunks to the sealer. One lock. Bounded by {@code central.head.bytes}. Next:
 * {@link dev.pillion.central.store}.
 */
package dev.pillion.central.head;
