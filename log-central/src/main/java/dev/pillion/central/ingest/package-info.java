/**
 * The first stage. In: HTTP requests with OTLP log records, protobuf or JSON, perhaps compressed.
 * Out: a {@link dev.pillion.central.ingest.Batch} that knows where each record lies in the body,
 * and, once the store says that it is safe, the answer. Runs on the virtual thread of the request.
 * Bounded by {@link dev.pillion.central.ingest.IngestLimits} and by how many bodies may be in
 * memory at once. Next: {@link dev.pillion.central.journal}.
 */
package dev.pillion.central.ingest;
