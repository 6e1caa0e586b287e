/**
 * Live records. In: an HTTP request with a query and a cursor. Out: server-sent events, each record
 * once and in the order of arrival. One virtual thread a reader, which reads from the store, so
 * nothing queues. Bounded by {@code central.tail.readers}. Next: {@link dev.pillion.central.loki}.
 */
package dev.pillion.central.tail;
