/**
 * Regular expressions over UTF-8 bytes, in time that grows with the text alone. In: a {@link
 * java.util.regex.Pattern}. Out: what must occur in whatever it finds ({@link
 * dev.pillion.central.regex.Expression#texts}, {@link dev.pillion.central.regex.Needle}), and a
 * {@link dev.pillion.central.regex.Finder} that says no of most texts.
 *
 * <p>{@link dev.pillion.central.regex.Reader} reads the expression into a tree of {@link
 * dev.pillion.central.regex.Node}s; what it cannot decide (an anchor, a look around, a
 * back-reference) it widens, so that a finder never misses and java.util.regex has the last word.
 * On the thread of the query. Next: {@link dev.pillion.central.store}.
 */
package dev.pillion.central.regex;
