package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import java.util.Arrays;

/**
 * Reads what {@link ColumnsWriter} wrote: at once the list of columns, the rest when it is asked
 * for. Not thread-safe.
 */
final class ColumnsReader implements Contents {

    private final Origin resource;
    private final Origin[] scopes;
    private final Space space;
    private final byte[] chunk;
    private final int count;
    private final int total;
    private final int[] frameAt = new int[ColumnsWriter.FRAMES];
    private final int[] frameSize = new int[ColumnsWriter.FRAMES];
    private final int[] framePlain = new int[ColumnsWriter.FRAMES];
    private final Bytes.Reader[] frames = new Bytes.Reader[ColumnsWriter.FRAMES];
    private long[] times;
    private Bytes.Reader numbersIn;
    private Bytes.Reader scopeIn;
    private byte[] severities;
    private Bytes.Reader shapeIdsIn;
    private long[] numbers;
    private int[] scope;
    private int[] shapeIds;
    private final Column[] columns;
    private final int[] entries;
    private final boolean[] fromTime;
    private final int[][] shapes;

    /** Columns of each frame before this index are filled. */
    private final int[] filled = new int[ColumnsWriter.FRAMES];

    /**
     * @param bytes the chunk, {@code length} bytes from {@code from}; used until this is dropped
     * @param space used until this is dropped
     * @throws IllegalStateException if the chunk is damaged
     */
    ColumnsReader(
            byte[] bytes, int from, int length, Space space, Origin resource, Origin[] scopes) {
        int end = from + length - Long.BYTES;
        if (end < from || ColumnsWriter.crc(bytes, from, end - from) != Bytes.fixed64(bytes, end)) {
            throw new IllegalStateException("a chunk's checksum is wrong");
        }
        this.resource = resource;
        this.scopes = scopes;
        this.space = space;
        chunk = bytes;
        Bytes.Reader in = new Bytes.Reader(bytes, from, end);
        int version = (int) in.varint();
        boolean former = version == ColumnsWriter.FORMER_VERSION;
        if (version != ColumnsWriter.VERSION && !former) {
            throw new IllegalStateException("chunk version " + version + " is not known");
        }
        count = (int) in.varint();
        total = (int) in.varint();
        int first = former ? ColumnsWriter.ROWS : ColumnsWriter.LIST;
        for (int i = first; i < ColumnsWriter.FRAMES; i++) {
            framePlain[i] = (int) in.varint();
            frameSize[i] = (int) in.varint();
            frameAt[i] = in.position();
            in.slice(frameSize[i]);
        }
        if (former) {
            readRows();
        }
        Bytes.Reader list = frame(first);
        columns = new Column[(int) list.varint()];
        entries = new int[columns.length];
        fromTime = new boolean[columns.length];
        for (int i = 0; i < columns.length; i++) {
            column(i, list);
        }
        shapes = new int[(int) list.varint()][];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = varints(list, (int) list.varint());
        }
    }

    private void readRows() {
        if (times == null) {
            Bytes.Reader in = frame(ColumnsWriter.ROWS);
            times = times(in);
            numbersIn = in.varints(count);
            scopeIn = in.varints(count);
            severities = in.bytes(count);
            shapeIdsIn = in.varints(count);
        }
    }

    private long[] times(Bytes.Reader in) {
        long[] read = new long[count];
        long unit = in.varint();
        long time = 0;
        for (int i = 0; i < count; i++) {
            time += in.zigzag();
            read[i] = time * unit;
        }
        return read;
    }

    private static int[] varints(Bytes.Reader in, int count) {
        int[] read = new int[count];
        for (int i = 0; i < count; i++) {
            read[i] = (int) in.varint();
        }
        return read;
    }

    private void column(int i, Bytes.Reader list) {
        Column.Kind kind = Column.Kind.of(list.get());
        int tag = (int) list.varint();
        Column column = new Column(kind, tag, list.bytes((int) list.varint()));
        column.cells = (int) list.varint();
        if (kind.isBytes()) {
            entries[i] = list.get() == 0 ? -1 : (int) list.varint();
        } else if (kind != Column.Kind.FIXED32) {
            fromTime[i] = list.get() != 0;
        }
        columns[i] = column;
    }

    private Bytes.Reader frame(int i) {
        if (frames[i] == null) {
            byte[] plain = space.unpack(i, chunk, frameAt[i], frameSize[i], framePlain[i]);
            frames[i] = new Bytes.Reader(plain, 0, framePlain[i]);
        }
        return frames[i];
    }

    private static int frameOf(Column.Kind kind) {
        if (kind == Column.Kind.TEXT_BODY) {
            return ColumnsWriter.BODIES;
        }
        return kind.isBytes() ? ColumnsWriter.TEXTS : ColumnsWriter.NUMBERS;
    }

    int columnCount() {
        return columns.length;
    }

    /** A column's kind, tag and key; its values are not read for that. */
    Column description(int i) {
        return columns[i];
    }

    /** A column with its values. */
    Column column(int i) {
        int frame = frameOf(columns[i].kind);
        // Columns lie one behind the other, so those before it are read as well.
        for (; filled[frame] <= i; filled[frame]++) {
            if (frameOf(columns[filled[frame]].kind) == frame) {
                fill(filled[frame], frame(frame));
            }
        }
        return columns[i];
    }

    private void fill(int i, Bytes.Reader in) {
        Column column = columns[i];
        if (!column.kind.isBytes()) {
            column.numbers = new long[column.cells];
            long before = 0;
            for (int cell = 0; cell < column.cells; cell++) {
                if (column.kind == Column.Kind.FIXED32) {
                    column.numbers[cell] = in.fixed32();
                } else {
                    long step = in.zigzag();
                    before = fromTime[i] ? step + times()[cell] : before + step;
                    column.numbers[cell] = before;
                }
            }
            return;
        }
        int own = column.cells;
        if (entries[i] >= 0) {
            own = entries[i];
            column.entryOfCell = in.bytes(column.cells);
        }
        int[] offsets = new int[own + 1];
        int end = 0;
        for (int entry = 0; entry < own; entry++) {
            offsets[entry] = end;
            end += (int) in.varint();
        }
        offsets[own] = end;
        int base = in.slice(end).position();
        for (int entry = 0; entry <= own; entry++) {
            offsets[entry] += base;
        }
        column.offsets = offsets;
        column.bytes = in.array();
    }

    /** The row of each cell of a column, or null if each row has one cell, in order. */
    int[] rowsOf(int i) {
        boolean each = columns[i].cells == count;
        for (int[] shape : shapes) {
            int times = 0;
            for (int column : shape) {
                times += column == i ? 1 : 0;
            }
            each = each && times == 1;
        }
        if (each) {
            return null;
        }
        int[] rowOfCell = new int[columns[i].cells];
        int cell = 0;
        for (int row = 0; row < count; row++) {
            for (int column : shapes[shapeIds()[row]]) {
                if (column == i) {
                    rowOfCell[cell++] = row;
                }
            }
        }
        return rowOfCell;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long[] times() {
        readRows();
        return times;
    }

    @Override
    public long[] numbers() {
        if (numbers == null) {
            readRows();
            numbers = new long[count];
            long number = 0;
            for (int i = 0; i < count; i++) {
                number += numbersIn.varint();
                numbers[i] = number;
            }
        }
        return numbers;
    }

    @Override
    public byte[] severities() {
        readRows();
        return severities;
    }

    Origin resource() {
        return resource;
    }

    Origin[] scopes() {
        return scopes;
    }

    /** The scope of each row: an index into {@link #scopes}. */
    int[] scope() {
        if (scope == null) {
            readRows();
            scope = varints(scopeIn, count);
        }
        return scope;
    }

    /** The shape of each row: an index into {@link #shapes}. */
    private int[] shapeIds() {
        if (shapeIds == null) {
            readRows();
            shapeIds = varints(shapeIdsIn, count);
        }
        return shapeIds;
    }

    @Override
    public void retain(java.util.BitSet among, Matcher matcher) {
        new ColumnScan(this).retain(among, matcher);
    }

    @Override
    public Rows rows() {
        for (int i = 0; i < columns.length; i++) {
            column(i);
        }
        Bytes out = new Bytes(total);
        int[] offsets = new int[count + 1];
        int[] cells = new int[columns.length];
        for (int row = 0; row < count; row++) {
            for (int column : shapes[shapeIds()[row]]) {
                write(columns[column], cells[column]++, out);
            }
            offsets[row + 1] = out.size();
        }
        return new Rows(
                resource,
                scopes,
                out.array(),
                offsets,
                times(),
                numbers(),
                scope(),
                severities(),
                count);
    }

    private static void write(Column column, int cell, Bytes out) {
        if (column.kind != Column.Kind.RECORD) {
            out.varint(Integer.toUnsignedLong(column.tag));
        }
        int from = 0;
        int length = 0;
        if (column.kind.isBytes()) {
            int entry = column.entry(cell);
            from = column.offsets[entry];
            length = column.offsets[entry + 1] - from;
        }
        switch (column.kind) {
            case RECORD -> out.put(column.bytes, from, length);
            case FIXED64 -> out.fixed64(column.numbers[cell]);
            case FIXED32 -> out.fixed32((int) column.numbers[cell]);
            case VARINT -> out.varint(column.numbers[cell]);
            case RAW -> {
                out.varint(length);
                out.put(column.bytes, from, length);
            }
            case TEXT_BODY -> {
                out.varint(1 + Bytes.width(length) + length);
                text(column, from, length, out);
            }
            case TEXT_ATTRIBUTE -> {
                head(column, out, 1 + Bytes.width(length) + length);
                text(column, from, length, out);
            }
            case INT_ATTRIBUTE -> {
                long value = column.numbers[cell];
                head(column, out, 1 + Bytes.width(value));
                out.put(ColumnsWriter.INT_TAG);
                out.varint(value);
            }
            case ANY_ATTRIBUTE -> {
                head(column, out, length);
                out.put(column.bytes, from, length);
            }
        }
    }

    private static void text(Column column, int from, int length, Bytes out) {
        out.put(ColumnsWriter.STRING_TAG);
        out.varint(length);
        out.put(column.bytes, from, length);
    }

    private static void head(Column column, Bytes out, int valueLength) {
        byte[] key = column.key;
        int keyPart = 1 + Bytes.width(key.length) + key.length;
        out.varint(keyPart + 1 + Bytes.width(valueLength) + valueLength);
        out.put(ColumnsWriter.KEY_TAG);
        out.varint(key.length);
        out.put(key, 0, key.length);
        out.put(ColumnsWriter.VALUE_TAG);
        out.varint(valueLength);
    }

    @Override
    public String toString() {
        return count + " records in " + Arrays.toString(frameSize) + " bytes";
    }
}
