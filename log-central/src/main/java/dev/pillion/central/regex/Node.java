package dev.pillion.central.regex;

import java.util.List;

/**
 * A part of a regular expression, as what texts it may match. Greed, groups and anchors are gone.
 */
sealed interface Node {

    /** Matches the empty text. */
    Node EMPTY = new Sequence(List.of());

    /**
     * One character of a set.
     *
     * @param low bit n: ASCII's character n
     * @param high bit n: ASCII's character 64 + n
     * @param beyond whether characters beyond ASCII may be in the set; which, is not known
     */
    record Chars(long low, long high, boolean beyond) implements Node {

        static final Chars BEYOND = new Chars(0, 0, true);

        static final Chars ANY = new Chars(-1, -1, true);

        static Chars of(int ascii) {
            return new Chars(ascii < 64 ? 1L << ascii : 0, ascii < 64 ? 0 : 1L << ascii, false);
        }

        boolean has(int ascii) {
            return ((ascii < 64 ? low : high) >>> ascii & 1) != 0;
        }

        Chars or(Chars other) {
            return new Chars(low | other.low, high | other.high, beyond || other.beyond);
        }

        /** The lower case of the one letter, or the one character, that this is; or -1. */
        int single() {
            if (beyond) {
                return -1;
            }
            int count = Long.bitCount(low) + Long.bitCount(high);
            int last = high != 0 ? 127 - Long.numberOfLeadingZeros(high) : lastOf(low);
            if (count == 1) {
                return Character.toLowerCase(last);
            }
            boolean pair = count == 2 && Character.isLetter(last) && has(last ^ 0x20);
            return pair ? last : -1;
        }

        private static int lastOf(long low) {
            return 63 - Long.numberOfLeadingZeros(low);
        }
    }

    record Sequence(List<Node> parts) implements Node {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    record Choice(List<Node> parts) implements Node {
        public Choice {
            parts = List.copyOf(parts);
        }
    }

    /**
     * @param max negative for no bound
     */
    record Repeat(Node part, int min, int max) implements Node {}
}
