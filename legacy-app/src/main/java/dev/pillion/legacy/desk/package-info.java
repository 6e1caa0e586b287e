/**
 * What an order is and what becomes of it.
 *
 * <p>What comes in: {@link dev.pillion.legacy.desk.OrderRequest}, from the page or the built-in
 * customers. What goes out: an order in the {@code store}, paid or refused, and a line about it in
 * {@code orders.log}, {@code events.json.log} and {@code stock.logfmt.log}. Thread: the caller's.
 * Bounds: 99 pieces an order, 80 characters a name, a shelf of fixed size for each item.
 */
package dev.pillion.legacy.desk;
