package dev.pillion.adapter.ship;

/** Steps over the fields of a protobuf message; ends at the first thing that is not one. */
final class Wire {

    private final byte[] b;
    private int at;
    private final int end;
    private int field;
    private int type;
    private long value;
    private int from;
    private int to;

    Wire(byte[] b, int from, int to) {
        this.b = b;
        this.at = from;
        this.end = to;
    }

    boolean next() {
        if (at >= end) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        type = (int) tag & 7;
        switch (type) {
            case 0 -> value = varint();
            case 1 -> at += 8;
            case 5 -> at += 4;
            case 2 -> {
                long length = varint();
                if (length < 0 || length > end - at) {
                    return false;
                }
                from = at;
                to = at + (int) length;
                at = to;
            }
            default -> {
                return false;
            }
        }
        return at <= end;
    }

    private long varint() {
        long result = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7) {
            byte next = b[at++];
            result |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return result;
            }
        }
        return result;
    }

    int field() {
        return field;
    }

    int type() {
        return type;
    }

    long value() {
        return value;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }
}
