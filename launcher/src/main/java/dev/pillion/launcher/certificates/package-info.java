/**
 * The trust of the outside world: an authority made at start and the certificates it issues to the
 * database and the partner.
 *
 * <p>In: names. Out: PEM for PostgreSQL and for the ambassador's ConfigMap, a TLS context for the
 * partner. No thread of its own; nothing here is written to disk by itself.
 */
package dev.pillion.launcher.certificates;
