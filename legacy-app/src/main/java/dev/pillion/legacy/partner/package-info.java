/**
 * The partner's exchange rates.
 *
 * <p>What comes in: {@code GET http://localhost:18081/rates}, compiled in, every 10 s. What goes
 * out: the last rates, and whether the last poll succeeded. Thread: the {@code rates-poller}
 * ticker. Bounds: 2 s to connect, 5 s for the answer, 64 KiB of it.
 */
package dev.pillion.legacy.partner;
