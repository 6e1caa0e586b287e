/**
 * To an upstream. In: a host and port, how it is to be believed, how long it may take. Out: a
 * {@link dev.pillion.ambassador.connect.Wire}, plain or in verified TLS, or a {@link
 * dev.pillion.ambassador.connect.ConnectFailure} whose kind is counted. Blocking code on the
 * virtual thread of the session that wants it; a {@link dev.pillion.ambassador.connect.Deadline}
 * closes what takes too long.
 *
 * @see dev.pillion.ambassador.postgres
 * @see dev.pillion.ambassador.relay
 */
package dev.pillion.ambassador.connect;
