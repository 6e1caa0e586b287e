package dev.pillion.central.ingest;

import java.nio.charset.StandardCharsets;

/**
 * A cursor over protobuf's wire format in a byte array. It allocates nothing and never reads
 * outside {@code [position, end)}. Not thread-safe; one reader owns it.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">the wire format</a>
 */
public final class Wire {

    public static final int VARINT = 0;
    public static final int FIXED64 = 1;
    public static final int BYTES = 2;
    public static final int FIXED32 = 5;

    /** The largest nesting of deprecated groups that is skipped. */
    private static final int MAX_GROUP_DEPTH = 16;

    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;

    private final byte[] bytes;
    private int position;
    private int end;
    private int tag;

    /**
     * @param start first byte
     * @param end one past the last byte
     */
    public Wire(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** Points this cursor at another range of the same array. */
    public void reset(int start, int newEnd) {
        position = start;
        end = newEnd;
    }

    public byte[] array() {
        return bytes;
    }

    public int position() {
        return position;
    }

    /** Reads the next field's tag. Returns false at the end of the range. */
    public boolean next() {
        if (position == end) {
            return false;
        }
        long raw = varint();
        if (raw <= 0 || raw > 0xFFFFFFFFL || (raw >>> 3) == 0) {
            throw Malformed.notOtlp("invalid protobuf tag at byte " + position);
        }
        tag = (int) raw;
        return true;
    }

    /** The field number of the last tag. */
    public int field() {
        return tag >>> 3;
    }

    /** The wire type of the last tag. */
    public int type() {
        return tag & 7;
    }

    public int tag() {
        return tag;
    }

    /** Whether the last tag is this field with this type. */
    public boolean is(int field, int type) {
        return tag == (field << 3 | type);
    }

    /** Reads a varint, up to ten bytes. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position >= end) {
                throw Malformed.notOtlp("protobuf ends inside a number at byte " + position);
            }
            byte b = bytes[position++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw Malformed.notOtlp("protobuf number longer than ten bytes at byte " + position);
    }

    /** Reads eight bytes, little endian. */
    public long fixed64() {
        need(8);
        long value = (long) Longs.LITTLE.get(bytes, position);
        position += 8;
        return value;
    }

    /** Reads four bytes, little endian. */
    public int fixed32() {
        need(4);
        int value = (int) Longs.LITTLE_INT.get(bytes, position);
        position += 4;
        return value;
    }

    /**
     * Reads a length and moves behind the bytes it announces.
     *
     * @return the length; the bytes begin at {@code position() - length}
     */
    public int bytes() {
        long length = varint();
        if (length < 0 || length > end - position) {
            throw Malformed.notOtlp(
                    "protobuf field at byte " + position + " is longer than its message");
        }
        position += (int) length;
        return (int) length;
    }

    /** Reads a length-delimited field as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
    public String text() {
        int length = bytes();
        return new String(bytes, position - length, length, StandardCharsets.UTF_8);
    }

    /** Moves behind the value of the last tag, whatever it is. */
    public void skip() {
        skip(type(), field(), 0);
    }

    private void skip(int type, int field, int depth) {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> {
                need(8);
                position += 8;
            }
            case BYTES -> bytes();
            case FIXED32 -> {
                need(4);
                position += 4;
            }
            case START_GROUP -> {
                if (depth >= MAX_GROUP_DEPTH) {
                    throw Malformed.notOtlp("protobuf groups nested too deep");
                }
                while (true) {
                    if (!next()) {
                        throw Malformed.notOtlp("protobuf group without an end");
                    }
                    if (type() == END_GROUP) {
                        if (field() != field) {
                            throw Malformed.notOtlp("protobuf group ends with another's end");
                        }
                        return;
                    }
                    skip(type(), field(), depth + 1);
                }
            }
            default ->
                    throw Malformed.notOtlp(
                            "protobuf wire type " + type + " at byte " + position + " is unknown");
        }
    }

    private void need(int count) {
        if (end - position < count) {
            throw Malformed.notOtlp("protobuf ends inside a number at byte " + position);
        }
    }
}
