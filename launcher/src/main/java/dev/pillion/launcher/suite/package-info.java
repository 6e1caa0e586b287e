/**
 * The suite as a whole on one machine: what is outside of the pods, then log-central, the
 * ambassador, the adapter and the application, each a process of its own.
 *
 * <p>In: a built checkout, a folder for data, ports. Out: everything running; {@code close} stops
 * it in reverse. The caller's thread does the starting; watching is one virtual thread a service.
 */
package dev.pillion.launcher.suite;
