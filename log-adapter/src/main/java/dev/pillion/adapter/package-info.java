/**
 * The log adapter: {@code tail → frame → detect → parse → redact → ship → show → admin}. {@link
 * dev.pillion.adapter.Adapter} makes and ends everything; {@link dev.pillion.adapter.Service} is
 * the edge to the container.
 */
package dev.pillion.adapter;
