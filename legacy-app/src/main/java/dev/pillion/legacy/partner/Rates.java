package dev.pillion.legacy.partner;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the partner publishes.
 *
 * @param base the currency that is 1, ISO 4217
 * @param date the day of the rates
 * @param rates how much of each currency one unit of the base buys; sorted by currency
 */
public record Rates(String base, LocalDate date, Map<String, BigDecimal> rates) {
    public Rates {
        rates = new TreeMap<>(rates);
    }
}
