/**
 * The bytes of all sessions. In: two {@link dev.pillion.ambassador.relay.End}s, connected, logged
 * in and non-blocking from here on, perhaps with bytes that came early. Out: bytes, both ways at
 * once, until both sides have ended. Selector loops on platform threads carry everything, one
 * unless more are set; the buffers (64 KiB) belong to the loop, so that an idle session holds none.
 * What one side will not take is kept, at most one buffer's worth a direction, and the other side
 * is not read meanwhile.
 */
package dev.pillion.ambassador.relay;
