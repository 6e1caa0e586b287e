package dev.pillion.legacy.desk;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a customer asks for. Any field may be absent or wrong until {@link #mistakes} says
 * otherwise.
 *
 * @param customer a name, 1 to 80 characters
 * @param sku an item of the catalogue
 * @param quantity pieces, 1 to 99
 * @param currency ISO 4217; absent: EUR
 */
public record OrderRequest(String customer, String sku, Integer quantity, String currency) {

    static final int MAX_CUSTOMER = 80;
    static final int MAX_QUANTITY = 99;

    public OrderRequest {
        customer = customer == null ? "" : customer.strip();
        sku = sku == null ? "" : sku.strip();
        quantity = quantity == null ? 0 : quantity;
        currency = currency == null || currency.isBlank() ? "EUR" : currency.strip();
    }

    /** Returns what is wrong, by field; empty if nothing is. */
    public Map<String, String> mistakes() {
        Map<String, String> mistakes = new TreeMap<>();
        if (customer.isEmpty()) {
            mistakes.put("customer", "Whose order is it? Enter a name.");
        } else if (customer.length() > MAX_CUSTOMER) {
            mistakes.put("customer", "A name has at most " + MAX_CUSTOMER + " characters.");
        } else if (customer.chars().anyMatch(Character::isISOControl)) {
            mistakes.put("customer", "A name has no control characters.");
        }
        if (Catalogue.item(sku).isEmpty()) {
            mistakes.put("sku", "Choose an item of the catalogue.");
        }
        if (quantity < 1 || quantity > MAX_QUANTITY) {
            mistakes.put("quantity", "Order 1 to " + MAX_QUANTITY + " pieces.");
        }
        if (!currency.matches("[A-Z]{3}")) {
            mistakes.put("currency", "A currency has three capital letters, such as EUR.");
        }
        return mistakes;
    }
}
