package dev.pillion.legacy.desk;

/**
 * Counts what became of orders: {@code paid}, {@code declined}, {@code out_of_stock}, {@code lost}.
 */
@FunctionalInterface
public interface Outcomes {
    void count(String outcome);
}
