package dev.pillion.central.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes protobuf's wire format into a growing array. Not thread-safe. */
public final class ProtobufWriter {

    private byte[] bytes = new byte[1024];
    private int size;

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    public int size() {
        return size;
    }

    /** Writes a number without a tag. */
    public void varint(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    public void varint(int field, long value) {
        varint((long) field << 3 | Wire.VARINT);
        varint(value);
    }

    public void fixed64(int field, long value) {
        varint((long) field << 3 | Wire.FIXED64);
        room(8);
        Longs.LITTLE.set(bytes, size, value);
        size += 8;
    }

    public void fixed32(int field, int value) {
        varint((long) field << 3 | Wire.FIXED32);
        room(4);
        Longs.LITTLE_INT.set(bytes, size, value);
        size += 4;
    }

    public void text(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public void bytes(int field, byte[] value) {
        bytes(field, value, 0, value.length);
    }

    public void bytes(int field, byte[] value, int from, int length) {
        varint((long) field << 3 | Wire.BYTES);
        varint(length);
        raw(value, from, length);
    }

    /** Copies bytes as they are. */
    public void raw(byte[] value, int from, int length) {
        room(length);
        System.arraycopy(value, from, bytes, size, length);
        size += length;
    }

    /** Begins a nested message; give the result to {@link #end}. */
    public int begin(int field) {
        varint((long) field << 3 | Wire.BYTES);
        return size;
    }

    /** Ends a nested message: its length is put before it. */
    public void end(int start) {
        int length = size - start;
        int width = 1;
        for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
            width++;
        }
        room(width);
        System.arraycopy(bytes, start, bytes, start + width, length);
        size = start;
        varint(length);
        size = start + width + length;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
