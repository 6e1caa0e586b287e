package dev.pillion.central.regex;

/** Finds one place after the other, passing by what cannot be one. */
final class SkipOccurrences implements Occurrences {

    private static final int NONE = -1;

    private final Needle needle;
    private final byte[] bytes;
    private final int to;

    /** What was found last: asked again, for a place before it, it is the next still. */
    private int found = Integer.MIN_VALUE;

    /** Looks up to {@code to}. */
    SkipOccurrences(Needle needle, byte[] bytes, int to) {
        this.needle = needle;
        this.bytes = bytes;
        this.to = to;
    }

    @Override
    public int next(int from) {
        if (found != NONE && found < from) {
            found = needle.find(bytes, from, to);
        }
        return found;
    }
}
