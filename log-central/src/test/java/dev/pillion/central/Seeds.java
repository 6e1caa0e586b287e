package dev.pillion.central;

import java.util.Random;

/**
 * Random input that is another in each run; its seed is printed, and {@code
 * -Dcentral.test.seed=<seed>} gives the same again.
 */
public final class Seeds {

    private static final String PROPERTY = "central.test.seed";

    private Seeds() {}

    /**
     * @param what is made of it, for the line that tells the seed
     */
    public static Random fresh(String what) {
        long seed = Long.getLong(PROPERTY, System.nanoTime());
        System.out.println(what + ": -D" + PROPERTY + "=" + seed);
        return new Random(seed);
    }
}
