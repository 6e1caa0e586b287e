/**
 * Where a request is safe before it is answered. In: request bodies as they were sent, with the
 * decisions made about them. Out: the same, again, after a crash. One thread writes and syncs for
 * all that wait. Bounded by {@code central.journal.bytes}. Next: {@link dev.pillion.central.head}.
 */
package dev.pillion.central.journal;
