package dev.pillion.legacy.desk;

import java.util.random.RandomGenerator;

/** Draws order numbers such as {@code PO-7F3K9QXA}: 40 random bits, no I, L, O or U in them. */
public final class OrderNumbers {

    /** Crockford's base 32. */
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static final int LENGTH = 8;

    private final RandomGenerator random;

    public OrderNumbers(RandomGenerator random) {
        this.random = random;
    }

    String next() {
        StringBuilder number = new StringBuilder("PO-");
        for (int i = 0; i < LENGTH; i++) {
            number.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return number.toString();
    }
}
