/**
 * HTTP: the page's JSON under {@code /api}, probes, headers. The page itself is static, {@code
 * web/} in the jar.
 *
 * <p>What comes in: requests. What goes out: calls of the {@code desk} and the {@code store}; JSON,
 * 503 with a message when database or partner cannot be had. Thread: the request's own, virtual.
 * Bounds: a body of 16 KiB, a list of 100 orders.
 */
package dev.pillion.legacy.web;
