/**
 * The database outside of the pod: a real PostgreSQL from Maven Central's binaries, with TLS on and
 * SCRAM-SHA-256 only.
 *
 * <p>In: a folder, an owner, a certificate. Out: a server process on localhost whose data outlives
 * it. Starting and stopping block the caller, for at most a minute.
 */
package dev.pillion.launcher.postgres;
