/**
 * Where records are kept and found. In: requests, and questions. Out: receipts, and records.
 *
 * <p>The way in: {@link dev.pillion.central.store.GroupCommit} (thread {@code journal}) decides
 * what is new, syncs and shows it in the head; {@link dev.pillion.central.store.Sealer} (thread
 * {@code seal}) writes full and old chunks ({@link dev.pillion.central.store.ColumnsWriter}) into
 * the index of their day, commits, joins small chunks, keeps to retention. At a start {@link
 * dev.pillion.central.store.Replay} reads the journal again.
 *
 * <p>The way out, on threads of {@link dev.pillion.central.store.QueryThreads}: {@link
 * dev.pillion.central.store.Candidates} chooses chunks by their words, {@link
 * dev.pillion.central.store.ColumnScan} decides record by record in their columns, {@link
 * dev.pillion.central.store.Search} and {@link dev.pillion.central.store.Counts} answer.
 *
 * <p>Bounded by retention and by {@code central.store.free-bytes}. The seam is {@link
 * dev.pillion.central.store.LogStore}. Next: {@link dev.pillion.central.query}.
 */
package dev.pillion.central.store;
