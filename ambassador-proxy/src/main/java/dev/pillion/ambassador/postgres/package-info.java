/**
 * PostgreSQL's protocol, as much of it as a login needs. In: an accepted connection and its route.
 * Out: a client that believes it has logged in with what it has compiled in, and an upstream
 * session that was opened with the Secret's credentials, both given to the relay. Blocking code on
 * the session's virtual thread, bounded by the route's startup-timeout and login-deadline. After
 * the login only message headers are looked at ({@link
 * dev.pillion.ambassador.postgres.MessageWalk}).
 *
 * @see <a href="https://www.postgresql.org/docs/18/protocol-flow.html">Message flow</a>
 * @see dev.pillion.ambassador.relay
 */
package dev.pillion.ambassador.postgres;
