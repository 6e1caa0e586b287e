package dev.pillion.legacy.desk;

import dev.pillion.legacy.store.OrderState;

/** An order that was understood and cannot be had; its cause says why. */
public final class OrderRefused extends Exception {

    private final String number;
    private final OrderState state;

    OrderRefused(String number, OrderState state, Exception cause) {
        super("order " + number + " refused: " + cause.getMessage(), cause);
        this.number = number;
        this.state = state;
    }

    /** Returns the number the log knows it by. */
    public String number() {
        return number;
    }

    /** Returns {@code DECLINED} or {@code OUT_OF_STOCK}. */
    public OrderState state() {
        return state;
    }
}
