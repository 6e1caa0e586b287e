/**
 * Where settings come from. In: the process's properties and environment and two directories laid
 * out as kubelet lays out a ConfigMap and a Secret. Out: one flat map of {@code route.*} properties
 * and a few settings of the process. {@link dev.pillion.ambassador.settings.MountWatch} runs on its
 * own thread and only says <em>that</em> something changed; whoever is told reads everything again.
 * A file is bounded by {@link dev.pillion.ambassador.settings.Mount#MAX_FILE_BYTES}.
 *
 * @see dev.pillion.ambassador.routes
 */
package dev.pillion.ambassador.settings;
