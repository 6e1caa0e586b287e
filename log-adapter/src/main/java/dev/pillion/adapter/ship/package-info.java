/**
 * Delivers. In: a file with something new. Out: OTLP requests, in order, one in flight a file; the
 * checkpoint moves on 200. On {@code adapter.workers} threads, each with one set of buffers;
 * nothing is kept in memory while the far end is down, the file is the queue. One thread more
 * compares what both ends have counted ({@code Reconciliation}).
 */
package dev.pillion.adapter.ship;
