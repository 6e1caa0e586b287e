/**
 * Orders in PostgreSQL, by Jakarta Persistence over a pooled DataSource.
 *
 * <p>What comes in: orders of the desk. What goes out: SQL to {@code localhost:15432}, compiled in.
 * Thread: the caller's. Bounds: five connections; a caller waits 2 s for one, a statement 5 s for
 * its answer, so a database that hangs costs a request at most that and then 503. The table is made
 * when the first statement finds it missing, and again if a later database lacks it.
 */
package dev.pillion.legacy.store;
