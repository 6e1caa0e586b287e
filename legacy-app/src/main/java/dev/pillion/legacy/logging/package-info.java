/**
 * The log files: six dialects, a file each, written by the libraries that are known for them.
 *
 * <p>What comes in: events of Log4j 2, of SLF4J (Hikari), of JBoss Logging (Hibernate) and of
 * java.util.logging. What goes out: the files of {@code app.log-directory}; the layouts are in
 * {@code log4j2.xml} and {@code logging.properties}, as in any such application. Thread: the caller
 * writes and flushes. Bound: a file is rotated at 1 MiB, five older ones are kept.
 */
package dev.pillion.legacy.logging;
