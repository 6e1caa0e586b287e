/**
 * Where records are kept and found. In: requests, and questions. Out: receipts, and records. The
 * threads {@code journal} and {@code seal} write; whoever asks reads on its own thread, on a
 * snapshot. Chunks are columns compressed by zstd, one Lucene document each, in an index a day;
 * words choose chunks, the record itself decides. Bounded by retention and by {@code
 * central.store.free-bytes}. The seam is {@link dev.pillion.central.store.LogStore}. Next: {@link
 * dev.pillion.central.query}.
 */
package dev.pillion.central.store;
