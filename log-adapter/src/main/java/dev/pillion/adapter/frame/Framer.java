package dev.pillion.adapter.frame;

import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Header;
import dev.pillion.adapter.detect.Stamp;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Divides bytes into records: a physical line starts one if it has the file's own header; the lines
 * of a stack trace and the second line of java.util.logging belong to the record before them.
 * Reused from batch to batch; owned by one thread.
 *
 * @see dev.pillion.adapter.parse.RecordParser
 */
public final class Framer {

    /** How much is known of what comes behind the bytes at hand. */
    public enum Tail {
        /** More is being written: the last record may go on. */
        OPEN(0),
        /** Nothing was written for a while: a record that ends with its line is whole. */
        QUIET(1),
        /** Nothing will come: even a line without its end is whole. */
        CLOSED(2);

        private final int certainty;

        Tail(int certainty) {
            this.certainty = certainty;
        }

        /** Grows with what is known. */
        public int certainty() {
            return certainty;
        }
    }

    private final int maxRecordBytes;
    private final int maxRecords;
    private final Header header = new Header();
    private final Survey survey = new Survey();
    private int[] starts = new int[4096];

    /** The records that may have more than one line. */
    private final BitSet longer = new BitSet();

    /** Whether a line is more than one record. */
    private boolean split;

    private int count;
    private int end;

    /**
     * @param maxRecordBytes a longer record is split; the end of a long line is not counted
     * @param maxRecords no more records than this a batch
     */
    public Framer(int maxRecordBytes, int maxRecords) {
        this.maxRecordBytes = maxRecordBytes;
        this.maxRecords = maxRecords;
    }

    /**
     * Frames {@code [from, to)}; {@code from} starts a record. The result stands in {@link #count},
     * {@link #start} and {@link #end}.
     *
     * @param tail whether the last record is whole; if not it is left for the next time
     */
    public void frame(byte[] bytes, int from, int to, Tail tail, Dialect dialect, Stamp stamp) {
        survey.begin(bytes, from, to);
        boolean closed = tail == Tail.CLOSED;
        int lastLineEnd = from;
        count = 0;
        longer.clear();
        split = false;
        end = from;
        int line = from;
        int record = from;
        while (line < to && count < maxRecords) {
            int newline = survey.lineEnd(line);
            boolean whole = newline < to;
            // Also of a line that is not whole: its last CR may be half of its end.
            int lineEnd = newline > line && bytes[newline - 1] == '\r' ? newline - 1 : newline;
            int next = whole ? newline + 1 : to;
            int content = line;
            while (content < lineEnd && bytes[content] == 0) {
                content++;
            }
            if (line == from) {
                add(from);
                record = from;
            } else if (line - record > 0
                    && (whole || closed)
                    && dialect.starts(bytes, content, lineEnd, stamp, header)) {
                end = line;
                if (count == maxRecords) {
                    return;
                }
                add(line);
                record = line;
            } else if (next - record > maxRecordBytes && line > record) {
                // A record of very many lines: split before the line that is too much.
                end = line;
                add(line);
                record = line;
            } else {
                longer.set(count - 1);
            }
            while (lineEnd - record > maxRecordBytes) {
                // One line longer than the limit; its end alone makes no part.
                split = true;
                record = character(bytes, record + maxRecordBytes);
                end = record;
                add(record);
            }
            if (!whole) {
                break;
            }
            line = next;
            lastLineEnd = next;
        }
        if (count < maxRecords) {
            if (closed) {
                end = to;
            } else if (tail == Tail.QUIET || dialect.singleLine()) {
                end = Math.max(end, lastLineEnd);
            }
        }
        while (count > 0 && starts[count - 1] >= end) {
            count--;
        }
        longer.clear(count, Math.max(count, longer.length()));
    }

    private void add(int start) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
        }
        starts[count++] = start;
    }

    /** Where the character begins that a byte of UTF-8 belongs to; at most three bytes before. */
    private static int character(byte[] bytes, int at) {
        int begin = at;
        while (begin > at - 4 && (bytes[begin] & 0xC0) == 0x80) {
            begin--;
        }
        return begin > at - 4 ? begin : at;
    }

    /** Takes boundaries that were noted at an earlier sending. */
    public void use(byte[] bytes, int[] offsets, int count, int end) {
        survey.begin(bytes, offsets[0], end);
        if (starts.length < count) {
            starts = new int[count];
        }
        System.arraycopy(offsets, 0, starts, 0, count);
        this.count = count;
        this.end = end;
        longer.set(0, count);
    }

    /** How these bytes, which were framed, can be framed in the same way again. */
    public Framing framing(byte[] bytes) {
        if (split) {
            return new Framing.Places(Arrays.copyOf(starts, count));
        }
        BitSet goingOn = new BitSet();
        int lines = 0; // more than there are records so far
        for (int i = longer.nextSetBit(0); i >= 0; i = longer.nextSetBit(i + 1)) {
            int more = Scan.lines(bytes, start(i), end(i)) - 1;
            goingOn.set(i + lines + 1, i + lines + 1 + more);
            lines += more;
        }
        return new Framing.Lines(goingOn);
    }

    /** Of what was framed. */
    public Survey survey() {
        return survey;
    }

    /** How many whole records there are. */
    public int count() {
        return count;
    }

    /** Where record {@code index} starts. */
    public int start(int index) {
        return starts[index];
    }

    /** After the last whole record. */
    public int end() {
        return end;
    }

    /** Whether each record is one line, and each line one record; false if that is not known. */
    public boolean lineByLine() {
        return !split && longer.isEmpty();
    }

    /**
     * Whether record {@code index} has one line and no more; false also where that is not known.
     */
    public boolean oneLine(int index) {
        return longer.isEmpty() || !longer.get(index);
    }

    /**
     * Up to where records are one line each, from {@code index} on; {@code index} if this one is
     * not known to be.
     */
    public int lines(int index) {
        int more = split ? index : longer.nextSetBit(index);
        return more < 0 ? count : Math.min(more, count);
    }

    /** Which record of {@code [first, end)} holds a byte; {@code end} if it is behind them. */
    public int holding(int at, int first, int end) {
        if (first == end || at >= end(end - 1)) {
            return end;
        }
        int found = Arrays.binarySearch(starts, first, end, at);
        return found >= 0 ? found : -found - 2;
    }

    /** After record {@code index}. */
    public int end(int index) {
        return index + 1 < count ? starts[index + 1] : end;
    }
}
