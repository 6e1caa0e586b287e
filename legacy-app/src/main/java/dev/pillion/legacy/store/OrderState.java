package dev.pillion.legacy.store;

/** How far an order is. */
public enum OrderState {
    /** Paid, waits for the carrier. */
    PAID,
    /** Handed to the carrier by the nightly batch. */
    SHIPPED,
    /** The card's issuer refused; nothing was taken from the shelf. */
    DECLINED,
    /** Not enough on the shelf; nothing was charged. */
    OUT_OF_STOCK
}
