/**
 * Divides bytes into records. In: bytes at an offset. Out: where records start. Runs on the
 * worker's\n * thread; bounded by {@code adapter.max-record-bytes} and {@code
 * adapter.batch-records}.
 */
package dev.pillion.adapter.frame;
