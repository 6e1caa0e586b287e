/**
 * The three flows of the design across the real services: a connection, a log line, a configuration
 * change. The services run as processes of their own, started as {@code ./up} starts them, with a
 * real PostgreSQL and an HTTPS partner outside.
 */
package dev.pillion.k8s.flows;
