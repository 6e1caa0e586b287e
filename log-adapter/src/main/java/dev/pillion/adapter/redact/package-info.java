/**
 * Masks secrets before anything leaves. In: bytes. Out: the same bytes, secrets starred. On the
 * worker's thread; one pass.
 */
package dev.pillion.adapter.redact;
