package dev.pillion.central.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing array of bytes with the few ways in which columns write numbers. */
final class Bytes {

    private static final VarHandle LITTLE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LITTLE_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int size;

    Bytes() {
        this(256);
    }

    Bytes(int capacity) {
        // Room for a number's write even at the end.
        bytes = new byte[capacity + 10];
    }

    int size() {
        return size;
    }

    /** The array itself, longer than {@link #size}. */
    byte[] array() {
        return bytes;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    static long fixed64(byte[] bytes, int at) {
        return (long) LITTLE.get(bytes, at);
    }

    static int fixed32(byte[] bytes, int at) {
        return (int) LITTLE_INT.get(bytes, at);
    }

    /** How many bytes a varint takes. */
    static int width(long value) {
        return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
    }

    void put(byte value) {
        room(1);
        bytes[size++] = value;
    }

    void put(byte[] from, int at, int length) {
        room(length);
        System.arraycopy(from, at, bytes, size, length);
        size += length;
    }

    void put(Bytes other) {
        put(other.bytes, 0, other.size);
    }

    void varint(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** A signed number: small ones of either sign are short. */
    void zigzag(long value) {
        varint(value << 1 ^ value >> 63);
    }

    void fixed64(long value) {
        room(8);
        LITTLE.set(bytes, size, value);
        size += 8;
    }

    void fixed32(int value) {
        room(4);
        LITTLE_INT.set(bytes, size, value);
        size += 4;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }

    /** Reads what the above wrote. */
    static final class Reader {
        private final byte[] bytes;
        private int position;
        private final int end;

        Reader(byte[] bytes, int start, int end) {
            this.bytes = bytes;
            this.position = start;
            this.end = end;
        }

        byte[] array() {
            return bytes;
        }

        int position() {
            return position;
        }

        byte get() {
            return bytes[position++];
        }

        byte[] bytes(int length) {
            position += length;
            return Arrays.copyOfRange(bytes, position - length, position);
        }

        /** A reader of the next bytes; this one goes on behind them. */
        Reader slice(int length) {
            if (length < 0 || length > end - position) {
                throw new IllegalStateException("a chunk's column is damaged");
            }
            position += length;
            return new Reader(bytes, position - length, position);
        }

        /** A reader of so many varints; this one goes on behind them. */
        Reader varints(int count) {
            int from = position;
            for (int left = count; left > 0; position++) {
                left -= bytes[position] >= 0 ? 1 : 0;
            }
            return new Reader(bytes, from, position);
        }

        long varint() {
            long value = 0;
            int shift = 0;
            while (true) {
                byte b = bytes[position++];
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
                shift += 7;
            }
        }

        int fixed32() {
            position += 4;
            return Bytes.fixed32(bytes, position - 4);
        }

        long zigzag() {
            long raw = varint();
            return raw >>> 1 ^ -(raw & 1);
        }
    }
}
