package dev.pillion.central.store;

import com.github.luben.zstd.Zstd;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
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
 * fields; the sequence is its <em>shape</em>, and each field's value goes to the column of that
 * field: one for each plain field, one for each attribute name and type. Reading puts the same
 * bytes together again. A field that is not written in protobuf's shortest form is kept as it is in
 * a column of raw bytes, and so is a record that has none: nothing is ever normalised.
 *
 * <p>Three zstd frames: the rows (times, numbers, scopes, severities, shapes), the text bodies, the
 * other columns.
 */
final class Columns {

    private static final int VERSION = 1;
    private static final int LEVEL = 3;

    /** Columns in a chunk; the attributes beyond go to one column of raw bytes. */
    private static final int MAX_COLUMNS = 400;

    private static final int RECORD = 0;
    private static final int FIXED64 = 1;
    private static final int FIXED32 = 2;
    private static final int VARINT = 3;
    private static final int RAW = 4;
    private static final int TEXT_BODY = 5;
    private static final int TEXT_ATTRIBUTE = 6;
    private static final int INT_ATTRIBUTE = 7;
    private static final int ANY_ATTRIBUTE = 8;

    private static final int BODY_TAG = Otlp.BODY << 3 | Wire.BYTES;
    private static final int ATTRIBUTE_TAG = Otlp.ATTRIBUTES << 3 | Wire.BYTES;
    private static final byte KEY_TAG = Otlp.KEY << 3 | Wire.BYTES;
    private static final byte VALUE_TAG = Otlp.VALUE << 3 | Wire.BYTES;
    private static final byte STRING_TAG = Otlp.STRING_VALUE << 3 | Wire.BYTES;
    private static final byte INT_TAG = Otlp.INT_VALUE << 3 | Wire.VARINT;

    private Columns() {}

    /** A chunk's columns, compressed. */
    static byte[] encode(Rows rows) {
        return new Encoder(rows).encode();
    }

    private static long crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }

    private static final class Column {
        final int kind;
        final int tag;
        final byte[] key;
        final Bytes values = new Bytes();
        final Bytes lengths = new Bytes();
        long previous;

        Column(int kind, int tag, byte[] key) {
            this.kind = kind;
            this.tag = tag;
            this.key = key;
        }
    }

    private static final class Encoder {
        private final Rows rows;
        private final byte[] data;
        private final List<Column> columns = new ArrayList<>();
        private final Map<List<Integer>, Integer> shapes = new HashMap<>();
        private final List<int[]> shapeList = new ArrayList<>();
        private int[] shape = new int[16];
        private int fields;
        private int[] lastShape = new int[0];
        private int lastShapeId = -1;
        private int at;
        private boolean shortest;

        Encoder(Rows rows) {
            this.rows = rows;
            this.data = rows.data();
        }

        byte[] encode() {
            Bytes index = new Bytes();
            long time = 0;
            long number = 0;
            Bytes scopes = new Bytes();
            Bytes severities = new Bytes();
            Bytes shapeIds = new Bytes();
            Bytes numbers = new Bytes();
            for (int i = 0; i < rows.count(); i++) {
                index.zigzag(rows.times()[i] - time);
                time = rows.times()[i];
                numbers.varint(rows.numbers()[i] - number);
                number = rows.numbers()[i];
                scopes.varint(rows.scope()[i]);
                severities.put(rows.severities()[i]);
                shapeIds.varint(record(rows.offsets()[i], rows.offsets()[i + 1], time));
            }
            index.put(numbers);
            index.put(scopes);
            index.put(severities);
            index.put(shapeIds);
            index.varint(columns.size());
            for (Column column : columns) {
                index.put((byte) column.kind);
                index.varint(Integer.toUnsignedLong(column.tag));
                index.varint(column.key.length);
                index.put(column.key, 0, column.key.length);
                index.varint(column.lengths.size());
                index.varint(column.values.size());
            }
            index.varint(shapeList.size());
            for (int[] one : shapeList) {
                index.varint(one.length);
                for (int id : one) {
                    index.varint(id);
                }
            }
            Bytes bodies = new Bytes();
            Bytes others = new Bytes();
            for (Column column : columns) {
                (column.kind == TEXT_BODY ? bodies : others).put(column.lengths);
                (column.kind == TEXT_BODY ? bodies : others).put(column.values);
            }
            Bytes out = new Bytes();
            out.varint(VERSION);
            out.varint(rows.count());
            out.varint(rows.offsets()[rows.count()]);
            frame(out, index);
            frame(out, bodies);
            frame(out, others);
            out.fixed64(crc(out.array(), out.size()));
            return out.toBytes();
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

        private int record(int start, int end, long time) {
            fields = 0;
            if (!split(start, end)) {
                fields = 0;
                field(column(RECORD, 0, 0, 0, 0));
            }
            at = start;
            for (int i = 0; i < fields; i++) {
                write(columns.get(shape[i]), end, time);
            }
            if (fields == lastShape.length
                    && Arrays.equals(shape, 0, fields, lastShape, 0, fields)) {
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
                int type = tag & 7;
                int kind;
                int keyAt = 0;
                int keyLength = 0;
                switch (type) {
                    case Wire.VARINT -> {
                        kind = VARINT;
                        varint();
                    }
                    case Wire.FIXED64 -> {
                        kind = FIXED64;
                        at += 8;
                    }
                    case Wire.FIXED32 -> {
                        kind = FIXED32;
                        at += 4;
                    }
                    case Wire.BYTES -> {
                        int length = (int) varint();
                        int from = at;
                        int to = at + length;
                        kind = RAW;
                        if (tag == BODY_TAG && isText(from, to)) {
                            kind = TEXT_BODY;
                        } else if (tag == ATTRIBUTE_TAG && length > 0 && data[from] == KEY_TAG) {
                            kind = attributeKind(from, to);
                            keyAt = attributeKeyAt;
                            keyLength = attributeKeyLength;
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
                        && keyLength > 0
                        && !known(kind, tag, keyAt, keyLength)) {
                    kind = RAW;
                    keyLength = 0;
                }
                if (columns.size() >= 2 * MAX_COLUMNS && !known(kind, tag, keyAt, keyLength)) {
                    return false;
                }
                field(column(kind, tag, keyAt, keyLength, fields));
            }
            return true;
        }

        private int attributeKeyAt;
        private int attributeKeyLength;

        private int attributeKind(int from, int to) {
            boolean before = shortest;
            attributeKeyLength = 0;
            at = from + 1;
            int keyLength = (int) varint();
            int keyAt = at;
            at += keyLength;
            int kind = RAW;
            if (at < to && data[at] == VALUE_TAG) {
                at++;
                int valueLength = (int) varint();
                if (at + valueLength == to && shortest) {
                    int value = at;
                    if (isText(value, to)) {
                        kind = TEXT_ATTRIBUTE;
                    } else if (isInt(value, to)) {
                        kind = INT_ATTRIBUTE;
                    } else {
                        kind = ANY_ATTRIBUTE;
                    }
                    attributeKeyAt = keyAt;
                    attributeKeyLength = keyLength;
                    if (keyLength == 0) {
                        kind = RAW;
                    }
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

        private boolean known(int kind, int tag, int keyAt, int keyLength) {
            return find(kind, tag, keyAt, keyLength) >= 0;
        }

        private int find(int kind, int tag, int keyAt, int keyLength) {
            for (int i = 0; i < columns.size(); i++) {
                if (is(columns.get(i), kind, tag, keyAt, keyLength)) {
                    return i;
                }
            }
            return -1;
        }

        private int column(int kind, int tag, int keyAt, int keyLength, int place) {
            // Most records have the shape of the one before.
            if (place < lastShape.length
                    && is(columns.get(lastShape[place]), kind, tag, keyAt, keyLength)) {
                return lastShape[place];
            }
            int found = find(kind, tag, keyAt, keyLength);
            if (found >= 0) {
                return found;
            }
            columns.add(new Column(kind, tag, Arrays.copyOfRange(data, keyAt, keyAt + keyLength)));
            return columns.size() - 1;
        }

        private boolean is(Column column, int kind, int tag, int keyAt, int keyLength) {
            return column.kind == kind
                    && column.tag == tag
                    && column.key.length == keyLength
                    && Arrays.equals(column.key, 0, keyLength, data, keyAt, keyAt + keyLength);
        }

        private void write(Column column, int end, long time) {
            if (column.kind == RECORD) {
                column.lengths.varint(end - at);
                column.values.put(data, at, end - at);
                at = end;
                return;
            }
            varint();
            switch (column.kind) {
                case FIXED64 -> {
                    long value = Bytes.fixed64(data, at);
                    column.values.zigzag(value - time);
                    at += 8;
                }
                case FIXED32 -> {
                    column.values.put(data, at, 4);
                    at += 4;
                }
                case VARINT -> delta(column, varint());
                case RAW -> rest(column, (int) varint());
                case TEXT_BODY -> {
                    varint();
                    at++;
                    rest(column, (int) varint());
                }
                default -> {
                    varint();
                    at++;
                    int keyLength = (int) varint();
                    at += keyLength;
                    at++;
                    int valueLength = (int) varint();
                    if (column.kind == ANY_ATTRIBUTE) {
                        rest(column, valueLength);
                    } else {
                        at++;
                        if (column.kind == TEXT_ATTRIBUTE) {
                            rest(column, (int) varint());
                        } else {
                            delta(column, varint());
                        }
                    }
                }
            }
        }

        private static void delta(Column column, long value) {
            column.values.zigzag(value - column.previous);
            column.previous = value;
        }

        private void rest(Column column, int length) {
            column.lengths.varint(length);
            column.values.put(data, at, length);
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

    /**
     * The rows of a chunk, each record's bytes as they came.
     *
     * @throws IllegalStateException if the chunk is damaged
     */
    static Rows decode(byte[] chunk, Origin resource, Origin[] scopes) {
        int length = chunk.length - Long.BYTES;
        if (length < 0 || crc(chunk, length) != Bytes.fixed64(chunk, length)) {
            throw new IllegalStateException("a chunk's checksum is wrong");
        }
        Bytes.Reader in = new Bytes.Reader(chunk, 0, length);
        int version = (int) in.varint();
        if (version != VERSION) {
            throw new IllegalStateException("chunk version " + version + " is not known");
        }
        int count = (int) in.varint();
        int total = (int) in.varint();
        Bytes.Reader index = frame(in);
        Bytes.Reader bodies = frame(in);
        Bytes.Reader others = frame(in);
        long[] times = new long[count];
        long[] numbers = new long[count];
        int[] scope = new int[count];
        byte[] severities = new byte[count];
        int[] shapeIds = new int[count];
        long time = 0;
        for (int i = 0; i < count; i++) {
            time += index.zigzag();
            times[i] = time;
        }
        long number = 0;
        for (int i = 0; i < count; i++) {
            number += index.varint();
            numbers[i] = number;
        }
        for (int i = 0; i < count; i++) {
            scope[i] = (int) index.varint();
        }
        for (int i = 0; i < count; i++) {
            severities[i] = index.get();
        }
        for (int i = 0; i < count; i++) {
            shapeIds[i] = (int) index.varint();
        }
        Source[] columns = new Source[(int) index.varint()];
        for (int i = 0; i < columns.length; i++) {
            int kind = index.get();
            int tag = (int) index.varint();
            byte[] key = index.bytes((int) index.varint());
            int lengths = (int) index.varint();
            int values = (int) index.varint();
            Bytes.Reader from = kind == TEXT_BODY ? bodies : others;
            columns[i] = new Source(kind, tag, key, from.slice(lengths), from.slice(values));
        }
        int[][] shapes = new int[(int) index.varint()][];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = new int[(int) index.varint()];
            for (int k = 0; k < shapes[i].length; k++) {
                shapes[i][k] = (int) index.varint();
            }
        }
        Bytes out = new Bytes(total);
        int[] offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            for (int column : shapes[shapeIds[i]]) {
                columns[column].write(out, times[i]);
            }
            offsets[i + 1] = out.size();
        }
        return new Rows(
                resource, scopes, out.array(), offsets, times, numbers, scope, severities, count);
    }

    private static Bytes.Reader frame(Bytes.Reader in) {
        int plain = (int) in.varint();
        int compressed = (int) in.varint();
        byte[] bytes = new byte[plain];
        long size =
                Zstd.decompressByteArray(bytes, 0, plain, in.array(), in.position(), compressed);
        if (Zstd.isError(size) || size != plain) {
            throw new IllegalStateException("a chunk's frame is damaged");
        }
        in.slice(compressed);
        return new Bytes.Reader(bytes, 0, plain);
    }

    private static final class Source {
        private final int kind;
        private final int tag;
        private final byte[] key;
        private final Bytes.Reader lengths;
        private final Bytes.Reader values;
        private long previous;

        Source(int kind, int tag, byte[] key, Bytes.Reader lengths, Bytes.Reader values) {
            this.kind = kind;
            this.tag = tag;
            this.key = key;
            this.lengths = lengths;
            this.values = values;
        }

        void write(Bytes out, long time) {
            if (kind == RECORD) {
                copy(out, (int) lengths.varint());
                return;
            }
            out.varint(Integer.toUnsignedLong(tag));
            switch (kind) {
                case FIXED64 -> out.fixed64(values.zigzag() + time);
                case FIXED32 -> copy(out, 4);
                case VARINT -> out.varint(next());
                case RAW -> {
                    int length = (int) lengths.varint();
                    out.varint(length);
                    copy(out, length);
                }
                case TEXT_BODY -> {
                    int length = (int) lengths.varint();
                    out.varint(1 + Bytes.width(length) + length);
                    out.put(STRING_TAG);
                    out.varint(length);
                    copy(out, length);
                }
                case TEXT_ATTRIBUTE -> {
                    int length = (int) lengths.varint();
                    head(out, 1 + Bytes.width(length) + length);
                    out.put(STRING_TAG);
                    out.varint(length);
                    copy(out, length);
                }
                case INT_ATTRIBUTE -> {
                    long value = next();
                    head(out, 1 + Bytes.width(value));
                    out.put(INT_TAG);
                    out.varint(value);
                }
                default -> {
                    int length = (int) lengths.varint();
                    head(out, length);
                    copy(out, length);
                }
            }
        }

        private long next() {
            previous += values.zigzag();
            return previous;
        }

        private void head(Bytes out, int valueLength) {
            int keyPart = 1 + Bytes.width(key.length) + key.length;
            out.varint(keyPart + 1 + Bytes.width(valueLength) + valueLength);
            out.put(KEY_TAG);
            out.varint(key.length);
            out.put(key, 0, key.length);
            out.put(VALUE_TAG);
            out.varint(valueLength);
        }

        private void copy(Bytes out, int length) {
            out.put(values.array(), values.position(), length);
            values.slice(length);
        }
    }
}
