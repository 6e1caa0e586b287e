package dev.pillion.central.store;

import com.github.luben.zstd.Zstd;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes records column by column, which is what makes them small. A record is a sequence of
 * fields; the sequence is its <em>shape</em>, and each field's value goes to the {@link Column} of
 * that field. Reading puts the same bytes together again. A field that is not written in protobuf's
 * shortest form is kept as it is in a column of raw bytes, and so is a record that has none:
 * nothing is ever normalised.
 *
 * <p>Four zstd frames, so that a question reads only what it needs: the rows (times, numbers,
 * scopes, severities, shapes) with the list of columns, the text bodies, the other bytes, the
 * numbers.
 *
 * @see ColumnsReader the way back
 */
final class ColumnsWriter {

    static final int VERSION = 2;

    /** Frames, in their order. */
    static final int ROWS = 0;

    static final int BODIES = 1;
    static final int TEXTS = 2;
    static final int NUMBERS = 3;
    static final int FRAMES = 4;

    static final int BODY_TAG = Otlp.BODY << 3 | Wire.BYTES;
    static final byte KEY_TAG = Otlp.KEY << 3 | Wire.BYTES;
    static final byte VALUE_TAG = Otlp.VALUE << 3 | Wire.BYTES;
    static final byte STRING_TAG = Otlp.STRING_VALUE << 3 | Wire.BYTES;
    static final byte INT_TAG = Otlp.INT_VALUE << 3 | Wire.VARINT;

    private static final int ATTRIBUTE_TAG = Otlp.ATTRIBUTES << 3 | Wire.BYTES;

    /** More gains 4 % of the disk and costs 5 % of the CPU of taking records in. */
    private static final int LEVEL = 3;

    /** Columns in a chunk; the attributes beyond go to one column of raw bytes. */
    private static final int MAX_COLUMNS = 400;

    /** Different values of a column whose cells are one byte each. */
    private static final int MAX_ENTRIES = 256;

    /** Longer values are not looked up among the column's others. */
    private static final int MAX_ENTRY_BYTES = 256;

    /** Times are multiples of one of these nanoseconds, the largest that fits. */
    private static final long[] UNITS = {1_000_000_000, 1_000_000, 1000, 1};

    private final Rows rows;
    private final byte[] data;
    private final List<Column> columns = new ArrayList<>();
    private final Map<List<Integer>, Integer> shapes = new HashMap<>();
    private final List<int[]> shapeList = new ArrayList<>();
    private final int[] shapeIds;
    private int[] shape = new int[16];
    private int fields;
    private int[] lastShape = new int[0];
    private int lastShapeId = -1;
    private int at;
    private boolean shortest;

    /** Splits the rows into columns. */
    ColumnsWriter(Rows rows) {
        this.rows = rows;
        this.data = rows.data();
        shapeIds = new int[rows.count()];
        for (int i = 0; i < rows.count(); i++) {
            shapeIds[i] = record(rows.offsets()[i], rows.offsets()[i + 1]);
        }
        columns.replaceAll(ColumnsWriter::packed);
    }

    /** All values of the records; what comes again and again is there once. */
    List<Column> columns() {
        return columns;
    }

    /** The chunk as it is kept. */
    byte[] encode() {
        Bytes index = new Bytes();
        rows(index);
        Bytes bodies = new Bytes();
        Bytes texts = new Bytes();
        Bytes numbers = new Bytes();
        index.varint(columns.size());
        for (Column column : columns) {
            index.put((byte) column.kind.code());
            index.varint(Integer.toUnsignedLong(column.tag));
            index.varint(column.key.length);
            index.put(column.key, 0, column.key.length);
            index.varint(column.cells);
            if (column.kind == Column.Kind.TEXT_BODY) {
                bytes(column, index, bodies);
            } else if (column.kind.isBytes()) {
                bytes(column, index, texts);
            } else {
                numbers(column, index, numbers);
            }
        }
        index.varint(shapeList.size());
        for (int[] one : shapeList) {
            index.varint(one.length);
            for (int id : one) {
                index.varint(id);
            }
        }
        Bytes out = new Bytes();
        out.varint(VERSION);
        out.varint(rows.count());
        out.varint(rows.offsets()[rows.count()]);
        frame(out, index);
        frame(out, bodies);
        frame(out, texts);
        frame(out, numbers);
        out.fixed64(crc(out.array(), 0, out.size()));
        return out.toBytes();
    }

    static long crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return crc.getValue();
    }

    private void rows(Bytes index) {
        int count = rows.count();
        long unit = unit();
        index.varint(unit);
        long before = 0;
        for (int i = 0; i < count; i++) {
            long time = rows.times()[i] / unit;
            index.zigzag(time - before);
            before = time;
        }
        before = 0;
        for (int i = 0; i < count; i++) {
            index.varint(rows.numbers()[i] - before);
            before = rows.numbers()[i];
        }
        for (int i = 0; i < count; i++) {
            index.varint(rows.scope()[i]);
        }
        index.put(rows.severities(), 0, count);
        for (int id : shapeIds) {
            index.varint(id);
        }
    }

    private long unit() {
        for (long unit : UNITS) {
            boolean fits = true;
            for (int i = 0; i < rows.count() && fits; i++) {
                fits = rows.times()[i] % unit == 0;
            }
            if (fits) {
                return unit;
            }
        }
        return 1;
    }

    private static void bytes(Column column, Bytes index, Bytes out) {
        int entries = column.entries();
        index.put((byte) (column.entryOfCell == null ? 0 : 1));
        if (column.entryOfCell != null) {
            index.varint(entries);
            out.put(column.entryOfCell, 0, column.cells);
        }
        for (int i = 0; i < entries; i++) {
            out.varint(column.offsets[i + 1] - column.offsets[i]);
        }
        out.put(column.bytes, 0, column.offsets[entries]);
    }

    /** Numbers as what they differ by from the one before, or from their record's time. */
    private void numbers(Column column, Bytes index, Bytes out) {
        if (column.kind == Column.Kind.FIXED32) {
            for (int i = 0; i < column.cells; i++) {
                out.fixed32((int) column.numbers[i]);
            }
            return;
        }
        Bytes steps = new Bytes();
        long before = 0;
        for (int i = 0; i < column.cells; i++) {
            steps.zigzag(column.numbers[i] - before);
            before = column.numbers[i];
        }
        boolean fromTime = false;
        if (column.kind == Column.Kind.FIXED64 && column.cells == rows.count()) {
            Bytes fromTimes = new Bytes();
            for (int i = 0; i < column.cells; i++) {
                fromTimes.zigzag(column.numbers[i] - rows.times()[i]);
            }
            fromTime = fromTimes.size() < steps.size();
            steps = fromTime ? fromTimes : steps;
        }
        index.put((byte) (fromTime ? 1 : 0));
        out.put(steps);
    }

    private static void frame(Bytes out, Bytes content) {
        byte[] compressed = new byte[(int) Zstd.compressBound(content.size())];
        long size =
                Zstd.compressByteArray(
                        compressed,
                        0,
                        compressed.length,
                        content.array(),
                        0,
                        content.size(),
                        LEVEL);
        if (Zstd.isError(size)) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
        }
        out.varint(content.size());
        out.varint(size);
        out.put(compressed, 0, (int) size);
    }

    /** The column with each value once, if there are few; else as it was. */
    private static Column packed(Column column) {
        if (!column.kind.isBytes()) {
            return column;
        }
        Column packed = new Column(column.kind, column.tag, column.key);
        packed.entryOfCell = new byte[column.cells];
        // Open addressing: the entry + 1 at the place of its hash.
        short[] places = new short[MAX_ENTRIES * 4];
        int entries = 0;
        for (int cell = 0; cell < column.cells; cell++) {
            int from = column.offsets[cell];
            int length = column.offsets[cell + 1] - from;
            if (length > MAX_ENTRY_BYTES) {
                return column;
            }
            int place = hash(column.bytes, from, length) & (places.length - 1);
            while (places[place] != 0
                    && !Arrays.equals(
                            packed.bytes,
                            packed.offsets[places[place] - 1],
                            packed.offsets[places[place]],
                            column.bytes,
                            from,
                            from + length)) {
                place = (place + 1) & (places.length - 1);
            }
            if (places[place] == 0) {
                // Fewer than two cells for an entry on the whole gain nothing.
                if (entries == MAX_ENTRIES || entries > 16 + cell / 2) {
                    return column;
                }
                packed.cells = entries;
                packed.add(column.bytes, from, length);
                places[place] = (short) ++entries;
            }
            packed.entryOfCell[cell] = (byte) (places[place] - 1);
        }
        packed.cells = column.cells;
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

    private int record(int start, int end) {
        fields = 0;
        if (!split(start, end)) {
            fields = 0;
            field(column(Column.Kind.RECORD, 0, 0, 0, 0));
        }
        at = start;
        for (int i = 0; i < fields; i++) {
            add(columns.get(shape[i]), end);
        }
        if (fields == lastShape.length && Arrays.equals(shape, 0, fields, lastShape, 0, fields)) {
            return lastShapeId;
        }
        lastShape = Arrays.copyOf(shape, fields);
        List<Integer> key = Arrays.stream(lastShape).boxed().toList();
        lastShapeId =
                shapes.computeIfAbsent(
                        key,
                        unused -> {
                            shapeList.add(lastShape);
                            return shapeList.size() - 1;
                        });
        return lastShapeId;
    }

    /** Finds the shape; false if something is not in the shortest form. */
    private boolean split(int start, int end) {
        at = start;
        shortest = true;
        while (at < end) {
            int tag = (int) varint();
            Column.Kind kind;
            attributeKeyLength = 0;
            switch (tag & 7) {
                case Wire.VARINT -> {
                    kind = Column.Kind.VARINT;
                    varint();
                }
                case Wire.FIXED64 -> {
                    kind = Column.Kind.FIXED64;
                    at += 8;
                }
                case Wire.FIXED32 -> {
                    kind = Column.Kind.FIXED32;
                    at += 4;
                }
                case Wire.BYTES -> {
                    int length = (int) varint();
                    int from = at;
                    int to = at + length;
                    kind = Column.Kind.RAW;
                    if (tag == BODY_TAG && isText(from, to)) {
                        kind = Column.Kind.TEXT_BODY;
                    } else if (tag == ATTRIBUTE_TAG && length > 0 && data[from] == KEY_TAG) {
                        kind = attributeKind(from, to);
                    }
                    at = to;
                }
                default -> {
                    return false;
                }
            }
            if (!shortest) {
                return false;
            }
            if (columns.size() >= MAX_COLUMNS
                    && attributeKeyLength > 0
                    && find(kind, tag, attributeKeyAt, attributeKeyLength) < 0) {
                kind = Column.Kind.RAW;
                attributeKeyLength = 0;
            }
            if (columns.size() >= 2 * MAX_COLUMNS
                    && find(kind, tag, attributeKeyAt, attributeKeyLength) < 0) {
                return false;
            }
            field(column(kind, tag, attributeKeyAt, attributeKeyLength, fields));
        }
        return true;
    }

    private int attributeKeyAt;
    private int attributeKeyLength;

    private Column.Kind attributeKind(int from, int to) {
        boolean before = shortest;
        at = from + 1;
        int keyLength = (int) varint();
        int keyAt = at;
        at += keyLength;
        Column.Kind kind = Column.Kind.RAW;
        if (keyLength > 0 && at < to && data[at] == VALUE_TAG) {
            at++;
            int valueLength = (int) varint();
            if (at + valueLength == to && shortest) {
                int value = at;
                if (isText(value, to)) {
                    kind = Column.Kind.TEXT_ATTRIBUTE;
                } else if (isInt(value, to)) {
                    kind = Column.Kind.INT_ATTRIBUTE;
                } else {
                    kind = Column.Kind.ANY_ATTRIBUTE;
                }
                attributeKeyAt = keyAt;
                attributeKeyLength = keyLength;
            }
        }
        shortest = before;
        return kind;
    }

    private boolean isText(int from, int to) {
        if (to - from < 2 || data[from] != STRING_TAG) {
            return false;
        }
        boolean before = shortest;
        shortest = true;
        at = from + 1;
        int length = (int) varint();
        boolean text = shortest && at + length == to;
        shortest = before;
        return text;
    }

    private boolean isInt(int from, int to) {
        if (to - from < 2 || data[from] != INT_TAG) {
            return false;
        }
        boolean before = shortest;
        shortest = true;
        at = from + 1;
        varint();
        boolean number = shortest && at == to;
        shortest = before;
        return number;
    }

    private void field(int column) {
        if (fields == shape.length) {
            shape = Arrays.copyOf(shape, fields * 2);
        }
        shape[fields++] = column;
    }

    private int find(Column.Kind kind, int tag, int keyAt, int keyLength) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).is(kind, tag, data, keyAt, keyLength)) {
                return i;
            }
        }
        return -1;
    }

    private int column(Column.Kind kind, int tag, int keyAt, int keyLength, int place) {
        // Most records have the shape of the one before.
        if (place < lastShape.length
                && columns.get(lastShape[place]).is(kind, tag, data, keyAt, keyLength)) {
            return lastShape[place];
        }
        int found = find(kind, tag, keyAt, keyLength);
        if (found >= 0) {
            return found;
        }
        columns.add(new Column(kind, tag, Arrays.copyOfRange(data, keyAt, keyAt + keyLength)));
        return columns.size() - 1;
    }

    private void add(Column column, int end) {
        if (column.kind == Column.Kind.RECORD) {
            column.add(data, at, end - at);
            at = end;
            return;
        }
        varint();
        switch (column.kind) {
            case RECORD -> throw new IllegalStateException("handled above");
            case FIXED64 -> {
                column.add(Bytes.fixed64(data, at));
                at += 8;
            }
            case FIXED32 -> {
                column.add(Bytes.fixed32(data, at));
                at += 4;
            }
            case VARINT -> column.add(varint());
            case RAW -> bytes(column, (int) varint());
            case TEXT_BODY -> {
                varint();
                at++;
                bytes(column, (int) varint());
            }
            case TEXT_ATTRIBUTE -> {
                toValue();
                at++;
                bytes(column, (int) varint());
            }
            case INT_ATTRIBUTE -> {
                toValue();
                at++;
                column.add(varint());
            }
            case ANY_ATTRIBUTE -> bytes(column, toValue());
        }
    }

    /** From an attribute's length to its value; returns the value's length. */
    private int toValue() {
        varint();
        at++;
        int keyLength = (int) varint();
        at += keyLength + 1;
        return (int) varint();
    }

    private void bytes(Column column, int length) {
        column.add(data, at, length);
        at += length;
    }

    /** The record was checked when it came, so it ends where it should. */
    private long varint() {
        long value = 0;
        int shift = 0;
        while (true) {
            byte b = data[at++];
            value |= (long) (b & 0x7F) << shift;
            shift += 7;
            if (b >= 0) {
                if ((b == 0 && shift > 7) || (shift == 70 && b != 1)) {
                    shortest = false;
                }
                return value;
            }
        }
    }
}
