/**
 * The ports the application connects to. In: a {@link dev.pillion.ambassador.routes.RouteTable} and
 * its successor. Out: an accepted connection with the route of that moment, on a virtual thread of
 * its own, given to the protocol's package. Bounded by the route's max-sessions: one more is
 * refused in the client's own protocol. {@link dev.pillion.ambassador.listen.Listeners} is changed
 * under its lock; a port that is kept never closes.
 *
 * @see dev.pillion.ambassador.postgres
 * @see dev.pillion.ambassador.http
 * @see dev.pillion.ambassador.tcp
 */
package dev.pillion.ambassador.listen;
