/**
 * Log central: OTLP in, durable, searchable, with a viewer. The packages are the stages that data
 * passes: {@code connect → access → ingest → journal → head → store → query → tail → loki → view →
 * admin}; {@code regex} serves the store. Here: settings, and what starts and stops it all.
 */
package dev.pillion.central;
