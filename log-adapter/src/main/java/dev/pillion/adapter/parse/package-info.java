/**
 * Turns a record's bytes into OpenTelemetry's model. In: bytes and a dialect. Out: a reused {@link
 * dev.pillion.adapter.parse.ParsedRecord} of slices, no objects a line. On the worker's thread;
 * bounded by the record's size and 128 attributes.
 */
package dev.pillion.adapter.parse;
