package dev.pillion.legacy.store;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * An order as the desk took it.
 *
 * @param number what customer and log call it, for example {@code PO-7F3K9QXA}; unique
 * @param customer who ordered
 * @param sku the item, a key of the catalogue
 * @param quantity pieces, 1 to 99
 * @param totalEur price of all pieces in euro, two digits after the point
 * @param currency what the customer pays in, ISO 4217
 * @param total price of all pieces in that currency
 * @param placedAt when the desk took it, to the microsecond
 */
public record Order(
        String number,
        String customer,
        String sku,
        int quantity,
        BigDecimal totalEur,
        String currency,
        BigDecimal total,
        OrderState state,
        Instant placedAt) {}
