package dev.pillion.legacy.desk;

import java.math.BigDecimal;

/** Charges the customer's card: every card here has the same limit an order. */
public final class PaymentTerminal {

    static final BigDecimal LIMIT_EUR = new BigDecimal("500");

    /** The card's issuer said no. */
    public static final class Declined extends Exception {
        Declined(BigDecimal totalEur) {
            super("card issuer declined EUR " + totalEur + ", response 61 (exceeds limit)");
        }
    }

    void charge(BigDecimal totalEur) throws Declined {
        if (totalEur.compareTo(LIMIT_EUR) > 0) {
            throw new Declined(totalEur);
        }
    }
}
