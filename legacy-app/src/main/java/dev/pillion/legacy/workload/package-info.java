/**
 * Who orders when nobody does, and what an office of this kind runs at night.
 *
 * <p>What comes in: time. What goes out: orders to the {@code desk}, shipped orders and refilled
 * shelves, {@code batch.0.log}, {@code date.log}. Thread: one ticker each. Bound: one order, one
 * batch at a time; the batch keeps the newest 10,000 orders.
 */
package dev.pillion.legacy.workload;
