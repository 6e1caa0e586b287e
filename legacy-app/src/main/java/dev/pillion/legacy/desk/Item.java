package dev.pillion.legacy.desk;

import java.math.BigDecimal;

/**
 * Something to order.
 *
 * @param sku its key
 * @param name as customers know it
 * @param unit what one piece is
 * @param priceEur price of one piece
 * @param shelf how many pieces the shelf holds when full
 */
public record Item(String sku, String name, String unit, BigDecimal priceEur, int shelf) {}
