/**
 * Who may send and who may read. In: the files of a mounted Secret, and the {@code Authorization}
 * header or the cookie of a request, the answers of an OpenID provider. Out: a {@link
 * dev.pillion.central.access.Grant}, or a refusal; whoever handles a request asks here first. Runs
 * on the thread of the request; one thread more reads the files again. Bounded by the number of
 * tokens and of clients remembered. Next: {@link dev.pillion.central.ingest}.
 */
package dev.pillion.central.access;
