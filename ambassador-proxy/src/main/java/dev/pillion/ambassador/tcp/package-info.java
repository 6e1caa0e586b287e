/**
 * Bytes as they are. In: an accepted connection and its route. Out: two wires for the relay, the
 * upstream's in TLS if the route says so. Blocking code on the session's virtual thread until the
 * relay takes over.
 *
 * @see dev.pillion.ambassador.relay
 */
package dev.pillion.ambassador.tcp;
