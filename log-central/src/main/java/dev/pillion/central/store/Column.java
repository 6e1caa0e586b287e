package dev.pillion.central.store;

import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;

import java.util.Arrays;

/**
 * All values of one field in a chunk: of one plain field, or of one attribute's name and type. A
 * column of texts has cells, which point to entries; where values come again and again, many cells
 * point to one entry. Not thread-safe.
 */
final class Column {

    /** What a column holds. */
    enum Kind {
        /** A whole record that is not written in the shortest form. */
        RECORD(0, true),
        FIXED64(1, false),
        FIXED32(2, false),
        VARINT(3, false),
        /** The bytes of a field that is none of the following. */
        RAW(4, true),
        /** The text of a body that is one. */
        TEXT_BODY(5, true),
        TEXT_ATTRIBUTE(6, true),
        INT_ATTRIBUTE(7, false),
        /** The value of an attribute that is neither text nor whole number. */
        ANY_ATTRIBUTE(8, true);

        private static final Kind[] ALL = values();

        private final int code;
        private final boolean bytes;

        Kind(int code, boolean bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        static Kind of(int code) {
            for (Kind kind : ALL) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalStateException("a chunk's column is of an unknown kind");
        }

        /** What a chunk writes for it. */
        int code() {
            return code;
        }

        /** Whether its values are bytes rather than numbers. */
        boolean isBytes() {
            return bytes;
        }
    }

    /** Different values of a packed column: its cells are one byte each. */
    private static final int MAX_ENTRIES = 256;

    /** Longer values are not looked up among the column's others. */
    private static final int MAX_ENTRY_BYTES = 256;

    final Kind kind;
    final int tag;
    final byte[] key;

    /** Cells so far, of either sort. */
    int cells;

    /** The entries' bytes, one behind the other. */
    byte[] bytes = new byte[0];

    /** Where each entry begins, and the end of the last. */
    int[] offsets = new int[1];

    /** The entry of each cell; null if each cell has its own. */
    byte[] entryOfCell;

    /** The number of each cell. */
    long[] numbers = new long[0];

    Column(Kind kind, int tag, byte[] key) {
        this.kind = kind;
        this.tag = tag;
        this.key = key;
    }

    boolean is(Kind wantedKind, int wantedTag, byte[] data, int keyAt, int keyLength) {
        return kind == wantedKind
                && tag == wantedTag
                && key.length == keyLength
                && Arrays.equals(key, 0, keyLength, data, keyAt, keyAt + keyLength);
    }

    int entries() {
        return entryOfCell == null ? cells : offsets.length - 1;
    }

    int entry(int cell) {
        return entryOfCell == null ? cell : entryOfCell[cell] & 0xFF;
    }

    void add(byte[] data, int from, int length) {
        int start = offsets[cells];
        if (cells + 2 > offsets.length) {
            offsets = Arrays.copyOf(offsets, Math.max(64, offsets.length * 2));
        }
        if (bytes.length - start < length) {
            bytes = Arrays.copyOf(bytes, Math.max(start + length, bytes.length * 2));
        }
        System.arraycopy(data, from, bytes, start, length);
        offsets[++cells] = start + length;
    }

    void add(long number) {
        if (cells == numbers.length) {
            numbers = Arrays.copyOf(numbers, Math.max(64, cells * 2));
        }
        numbers[cells++] = number;
    }

    /** Shows an entry to a visitor as {@link Values#anywhere} does; numbers are not looked at. */
    boolean anywhere(int entry, Values.Visitor visitor) {
        int from = offsets[entry];
        int to = offsets[entry + 1];
        return switch (kind) {
            case TEXT_BODY, TEXT_ATTRIBUTE -> visitor.text(bytes, from, to);
            case ANY_ATTRIBUTE -> Values.value(bytes, from, to, visitor);
            case RAW ->
                    (tag & 7) == Wire.BYTES
                            && Values.anywhereIn(tag >>> 3, bytes, from, to, visitor);
            case RECORD -> Values.anywhere(bytes, from, to, visitor);
            case FIXED64, FIXED32, VARINT, INT_ATTRIBUTE -> false;
        };
    }

    /** Whether a field of this name may have values here. */
    boolean mayHold(String field, byte[] name) {
        return switch (kind) {
            case TEXT_BODY -> Values.number(field) == Otlp.BODY;
            case TEXT_ATTRIBUTE, INT_ATTRIBUTE, ANY_ATTRIBUTE -> Arrays.equals(key, name);
            case RAW ->
                    tag == (Otlp.ATTRIBUTES << 3 | Wire.BYTES)
                            || tag == (Otlp.BODY << 3 | Wire.BYTES)
                            || tag == (Values.number(field) << 3 | Wire.BYTES);
            case RECORD -> true;
            case FIXED64, FIXED32, VARINT -> false;
        };
    }

    /** Shows the values of a field in an entry; only if {@link #mayHold}. */
    boolean named(int entry, String field, byte[] name, Values.Visitor visitor) {
        if (kind == Kind.INT_ATTRIBUTE) {
            return visitor.whole(numbers[entry]);
        }
        int from = offsets[entry];
        int to = offsets[entry + 1];
        return switch (kind) {
            case TEXT_BODY, TEXT_ATTRIBUTE -> visitor.text(bytes, from, to);
            case ANY_ATTRIBUTE -> Values.value(bytes, from, to, visitor);
            case RAW -> Values.namedIn(tag >>> 3, bytes, from, to, field, name, visitor);
            case RECORD -> Values.named(bytes, from, to, field, name, visitor);
            case FIXED64, FIXED32, VARINT, INT_ATTRIBUTE -> false;
        };
    }

    /** This column with each value once, if there are few; else as it was. */
    Column packed() {
        if (!kind.isBytes()) {
            return this;
        }
        Column packed = new Column(kind, tag, key);
        packed.entryOfCell = new byte[cells];
        // Open addressing: the entry + 1 at the place of its hash.
        short[] places = new short[MAX_ENTRIES * 4];
        int entries = 0;
        for (int cell = 0; cell < cells; cell++) {
            int from = offsets[cell];
            int length = offsets[cell + 1] - from;
            if (length > MAX_ENTRY_BYTES) {
                return this;
            }
            int place = hash(bytes, from, length) & (places.length - 1);
            while (places[place] != 0
                    && !Arrays.equals(
                            packed.bytes,
                            packed.offsets[places[place] - 1],
                            packed.offsets[places[place]],
                            bytes,
                            from,
                            from + length)) {
                place = (place + 1) & (places.length - 1);
            }
            if (places[place] == 0) {
                // Fewer than two cells for an entry on the whole gain nothing.
                if (entries == MAX_ENTRIES || entries > 16 + cell / 2) {
                    return this;
                }
                packed.cells = entries;
                packed.add(bytes, from, length);
                places[place] = (short) ++entries;
            }
            packed.entryOfCell[cell] = (byte) (places[place] - 1);
        }
        packed.cells = cells;
        packed.offsets = Arrays.copyOf(packed.offsets, entries + 1);
        return packed;
    }

    private static int hash(byte[] bytes, int from, int length) {
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 15;
    }
}
