package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records split into columns. A record is a sequence of fields; the sequence is its <em>shape</em>,
 * and each field's value goes to the {@link Column} of that field. A field that is not written in
 * protobuf's shortest form is kept as it is in a column of raw bytes, and so is a record that has
 * none: nothing is ever normalised. Not thread-safe.
 *
 * @see ColumnsWriter what is kept of it
 */
final class RecordSplit {

    private static final int ATTRIBUTE_TAG = Otlp.ATTRIBUTES << 3 | Wire.BYTES;

    /** Columns in a chunk; the attributes beyond go to one column of raw bytes. */
    private static final int MAX_COLUMNS = 400;

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
    private int attributeKeyAt;
    private int attributeKeyLength;

    RecordSplit(Rows rows) {
        this.data = rows.data();
        shapeIds = new int[rows.count()];
        for (int i = 0; i < rows.count(); i++) {
            shapeIds[i] = record(rows.offsets()[i], rows.offsets()[i + 1]);
        }
    }

    List<Column> columns() {
        return columns;
    }

    /** The sequences of columns that there are. */
    List<int[]> shapes() {
        return shapeList;
    }

    /** The shape of each record: an index into {@link #shapes}. */
    int[] shapeIds() {
        return shapeIds;
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
                    if (tag == ColumnsWriter.BODY_TAG && isText(from, to)) {
                        kind = Column.Kind.TEXT_BODY;
                    } else if (tag == ATTRIBUTE_TAG
                            && length > 0
                            && data[from] == ColumnsWriter.KEY_TAG) {
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

    private Column.Kind attributeKind(int from, int to) {
        boolean before = shortest;
        at = from + 1;
        int keyLength = (int) varint();
        int keyAt = at;
        at += keyLength;
        Column.Kind kind = Column.Kind.RAW;
        if (keyLength > 0 && at < to && data[at] == ColumnsWriter.VALUE_TAG) {
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
        if (to - from < 2 || data[from] != ColumnsWriter.STRING_TAG) {
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
        if (to - from < 2 || data[from] != ColumnsWriter.INT_TAG) {
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
