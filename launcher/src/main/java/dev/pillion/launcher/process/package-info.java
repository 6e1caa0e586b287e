/**
 * Child processes: started in sessions of their own, watched, restarted when they end unasked,
 * stopped in order; and whose process holds a port.
 *
 * <p>In: a command, an address that tells when it is ready. Out: a process that lives until it is
 * closed. One virtual thread a service watches it.
 */
package dev.pillion.launcher.process;
