/**
 * What the properties mean. In: a flat map of {@code route.*} properties. Out: an immutable {@link
 * dev.pillion.ambassador.routes.RouteTable}, or all {@link
 * dev.pillion.ambassador.settings.Mistake}s at once. {@link
 * dev.pillion.ambassador.routes.LiveRoutes} is the one mutable place: it swaps a whole table for
 * another, on the thread that watches the mounts or on that of a login whose password was refused.
 *
 * @see dev.pillion.ambassador.listen
 */
package dev.pillion.ambassador.routes;
