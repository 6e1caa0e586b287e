/**
 * Divides bytes into records. In: bytes at an offset, in any charset, with holes. Out: where
 * records start, as offsets of the file. Runs on the worker's thread; bounded by {@code
 * adapter.max-record-bytes} and {@code adapter.batch-records}.
 */
package dev.pillion.adapter.frame;
