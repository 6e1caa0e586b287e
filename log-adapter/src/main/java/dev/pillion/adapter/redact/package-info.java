/**
 * Masks secrets before anything leaves. In: bytes, and the record parsed from them. Out: the same,
 * secrets starred. On the worker's thread; one pass.
 */
package dev.pillion.adapter.redact;
