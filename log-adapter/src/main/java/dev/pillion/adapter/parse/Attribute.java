package dev.pillion.adapter.parse;

/** One attribute of a record. Reused; owned by one thread. */
public final class Attribute {

    /** What kind of value it has. */
    public enum Kind {
        STRING,
        INTEGER,
        DOUBLE,
        BOOLEAN
    }

    final Slice key = new Slice();
    final Slice text = new Slice();
    Kind kind = Kind.STRING;
    long number;
    double decimal;

    /** Has this text for its value from now on. */
    public void replace(byte[] other) {
        kind = Kind.STRING;
        text.replace(other);
    }

    public Slice key() {
        return key;
    }

    public Kind kind() {
        return kind;
    }

    /** The value of a {@link Kind#STRING}. */
    public Slice text() {
        return text;
    }

    /** The value of an {@link Kind#INTEGER}; of a {@link Kind#BOOLEAN} 0 or 1. */
    public long number() {
        return number;
    }

    /** The value of a {@link Kind#DOUBLE}. */
    public double decimal() {
        return decimal;
    }
}
