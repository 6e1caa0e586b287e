package dev.pillion.adapter.ship;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.detect.Detector;
import dev.pillion.adapter.detect.Detector.Detection;
import dev.pillion.adapter.detect.Dialect;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.frame.Framing;
import dev.pillion.adapter.frame.Holes;
import dev.pillion.adapter.frame.Scan;
import dev.pillion.adapter.frame.Transcript;
import dev.pillion.adapter.tail.Content;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the next batch of a file: reads from the acknowledged offset on, passes holes, finds out
 * the dialect, makes UTF-8 of other charsets, frames. Holds the buffers of the data path, reused
 * from file to file; one instance a worker thread. The batch is valid until the next is taken.
 *
 * @see Framer
 */
final class BatchReader {

    /** What was found. */
    enum Found {
        BATCH,
        /** There is nothing whole yet. */
        NOTHING,
        /** The file's content is no longer the one that was read. */
        CHANGED
    }

    /** Read at once: the JDK keeps a native buffer of this size for the thread. */
    private static final int READ_BYTES = 128 * 1024;

    /** A file that ends with so many zeros has room still to be written to. */
    private static final int END_BYTES = 64;

    private final Settings settings;
    private final Clock clock;
    private final Framer framer;
    private ByteBuffer buffer;

    /** What stands in the file in front of the batch, as far as the last mark vouches for it. */
    private byte[] before = {};

    private byte[] text;
    private int textLength;
    private final Map<Charset, Transcript> transcripts = new HashMap<>();
    private Optional<Transcript> transcript = Optional.empty();

    /** Where the records of a transcript stand in the file, as distances from the batch's begin. */
    private int[] places = {};

    private Detection detection;
    private Stamp stamp;
    private Note note;

    /** Whether there is more of the file behind the batch. */
    private boolean followed;

    BatchReader(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.framer = new Framer(settings.maxRecordBytes(), settings.batchRecords());
        this.buffer =
                ByteBuffer.allocate(
                        Math.max(settings.batchBytes(), settings.maxRecordBytes() + 64 * 1024));
        this.text = buffer.array();
    }

    /**
     * @param file which no other worker has in hand
     * @param tail what is known of the end of the file
     */
    Found take(TailedFile file, Framer.Tail tail) throws IOException {
        return file.note() != null ? again(file, file.note()) : next(file, tail);
    }

    /** The batch that was noted, framed as it was. */
    private Found again(TailedFile file, Note noted) throws IOException {
        Content content = file.content();
        int length = (int) (noted.to() - noted.from());
        long size = content.size();
        int read = size < noted.to() ? 0 : read(content, noted.from(), length);
        if (read < length
                || !same(content, file.acked(), noted.from(), read)
                || !noted.end().vouchesFor(tail(length, noted.end().length()))) {
            return Found.CHANGED;
        }
        look(file, content, noted.from(), read, size);
        transcribe(file, content, buffer.array(), noted.from(), length);
        int[] starts = starts(noted.framing(), length);
        framer.use(text, starts, starts.length - 1, starts[starts.length - 1]);
        note = noted;
        transcript.ifPresent(this::locate);
        followed = size > noted.to();
        return Found.BATCH;
    }

    private Found next(TailedFile file, Framer.Tail tail) throws IOException {
        Content content = file.content();
        Mark acked = file.acked();
        long from = acked.offset();
        long size = content.size();
        if (size <= from) {
            return size < from ? Found.CHANGED : Found.NOTHING;
        }
        int read = read(content, from, Math.min(size - from, settings.batchBytes()));
        if (Holes.find(buffer.array(), 0, read) == 0) {
            from = endOfHole(file, content, from, size);
            if (from < 0) {
                file.tried(size, tail.certainty());
                return Found.NOTHING;
            }
            read = read(content, from, Math.min(size - from, settings.batchBytes()));
        }
        look(file, content, from, read, size);
        if (!same(content, acked, from, read)) {
            return Found.CHANGED;
        }
        boolean more = frame(file, content, from, read, size, tail);
        if (framer.count() == 0 && more && read < buffer.capacity()) {
            // A record longer than a batch: up to the longest that is not split.
            read = read(content, from, Math.min(size - from, buffer.capacity()));
            frame(file, content, from, read, size, tail);
        }
        if (framer.count() == 0) {
            file.tried(size, tail.certainty());
            return Found.NOTHING;
        }
        int end = framer.end();
        Framing framing;
        if (transcript.isPresent()) {
            // Another charset could be set before it is framed again: places hold all the same.
            locate(transcript.get());
            end = places[framer.count()];
            framing = new Framing.Places(Arrays.copyOf(places, framer.count()));
        } else {
            framing = framer.framing(text);
        }
        followed = framer.end() < textLength;
        note = new Note(from, from + end, framing, mark(from, end));
        return Found.BATCH;
    }

    /** Where the records of a batch that was noted begin in the text, and where the last ends. */
    private int[] starts(Framing framing, int length) {
        return switch (framing) {
            case Framing.Lines lines -> lines.starts(text, textLength);
            case Framing.Places noted -> {
                int[] starts = Arrays.copyOf(noted.starts(), noted.starts().length + 1);
                starts[starts.length - 1] = length;
                transcript.ifPresent(t -> t.toUtf8(starts));
                yield starts;
            }
        };
    }

    /** Finds where the records of a transcript stand in the file. */
    private void locate(Transcript transcript) {
        places = new int[framer.count() + 1];
        for (int i = 0; i < framer.count(); i++) {
            places[i] = framer.start(i);
        }
        places[framer.count()] = framer.end();
        transcript.toRaw(places);
    }

    private int read(Content content, long from, long wanted) throws IOException {
        if (wanted > buffer.capacity()) {
            buffer = ByteBuffer.allocate((int) wanted);
        }
        buffer.clear();
        while (buffer.position() < wanted) {
            buffer.limit((int) Math.min(wanted, buffer.position() + READ_BYTES));
            if (content.read(buffer, from + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.position();
    }

    /** The mark after {@code end} bytes of the buffer. */
    private Mark mark(long from, int end) {
        return Mark.of(from + end, tail(end, Mark.WINDOW));
    }

    /**
     * The last of the first {@code end} bytes read; of a short batch also what stands before it.
     */
    private byte[] tail(int end, int most) {
        int own = Math.min(end, most);
        int more = Math.min(before.length, most - own);
        byte[] tail = Arrays.copyOfRange(before, before.length - more, before.length + own);
        System.arraycopy(buffer.array(), end - own, tail, more, own);
        return tail;
    }

    /**
     * Whether the file is still the one that was read from: looked at after reading, so that a
     * truncation in between is seen. Before the first acknowledgement the first bytes read stand in
     * for the mark.
     */
    private boolean same(Content content, Mark acked, long from, int read) throws IOException {
        byte[] window = acked.window(content);
        before = acked.offset() == from ? window : new byte[0];
        if (content.settled()) {
            return true;
        }
        if (acked.offset() > 0) {
            return acked.vouchesFor(window);
        }
        return mark(from, Math.min(read, Mark.WINDOW)).holds(content)
                && content.size() >= from + read;
    }

    // ---- holes

    /** Where text goes on behind a hole; -1 while there is none. */
    private long endOfHole(TailedFile file, Content content, long from, long size)
            throws IOException {
        if (!written(content, size)) {
            return -1;
        }
        long at = from;
        while (at < size) {
            int read = read(content, at, Math.min(size - at, settings.batchBytes()));
            int end = Holes.end(buffer.array(), 0, read);
            if (end < read) {
                long found = at + end;
                // In UTF-16 the first byte of a letter may be zero.
                return settings.charsets().of(file.path()).name().startsWith("UTF-16")
                        ? found - (found - from) % 2
                        : found;
            }
            at = content.data(at + read);
        }
        return -1;
    }

    /** Whether the end of a file was written, and is not just room that was made beforehand. */
    private static boolean written(Content content, long size) throws IOException {
        byte[] end = Mark.read(content, Math.max(0, size - END_BYTES), END_BYTES);
        return Holes.end(end, 0, end.length) < end.length;
    }

    // ---- text

    /**
     * Frames what was read, up to a hole in it.
     *
     * @return whether the record at the end may go on behind what was read
     */
    private boolean frame(
            TailedFile file, Content content, long from, int read, long size, Framer.Tail tail)
            throws IOException {
        int hole = Holes.find(buffer.array(), 0, read);
        boolean more = hole == read && from + read < size;
        Framer.Tail known = more ? Framer.Tail.OPEN : tail;
        if (hole < read && written(content, size)) {
            // Something stands behind the hole: before it nothing will be written any more.
            known = Framer.Tail.CLOSED;
        }
        transcribe(file, content, buffer.array(), from, hole);
        framer.frame(text, 0, textLength, known, detection.dialect(), stamp);
        return more;
    }

    /** Makes UTF-8 of the first bytes of an array, if the file is in another charset. */
    private void transcribe(TailedFile file, Content content, byte[] raw, long from, int length)
            throws IOException {
        Charset charset = settings.charsets().of(file.path());
        if (charset.equals(StandardCharsets.UTF_8)) {
            transcript = Optional.empty();
            text = from == 0 ? Transcript.withoutMark(raw, length) : raw;
            textLength = length;
            return;
        }
        Transcript made = transcripts.computeIfAbsent(charset, Transcript::new);
        made.read(raw, length, from == 0, Mark.read(content, 0, 2));
        transcript = Optional.of(made);
        text = made.bytes();
        textLength = made.length();
    }

    /** The dialect: looked for again, while few lines told it, whenever the file has doubled. */
    private void look(TailedFile file, Content content, long from, int read, long size)
            throws IOException {
        if (file.acked().offset() == 0) {
            file.head(
                    from == 0
                            ? Arrays.copyOf(buffer.array(), Math.min(read, TailedFile.HEAD_BYTES))
                            : Mark.read(content, 0, TailedFile.HEAD_BYTES));
        }
        Instant modified = file.modified();
        stamp =
                new Stamp(
                        settings.zone(),
                        modified.equals(Instant.EPOCH) ? clock.instant() : modified);
        detection = file.detection();
        boolean sure = detection != null && detection.lines() >= 200;
        if (sure || (detection != null && size < 2 * file.sampledSize())) {
            return;
        }
        int length = Math.min(read, Detector.SAMPLE_BYTES);
        if (file.acked().offset() > 0) {
            byte[] sample = Mark.read(content, 0, (int) Math.min(size, Detector.SAMPLE_BYTES));
            if (Holes.find(sample, 0, sample.length) > 0) {
                sample(file, content, sample, sample.length, 0, size);
                return;
            }
        }
        sample(file, content, buffer.array(), length, from, size);
    }

    private void sample(
            TailedFile file, Content content, byte[] raw, int length, long from, long size)
            throws IOException {
        transcribe(file, content, raw, from, length);
        int lineEnd = textLength;
        while (lineEnd > 0 && text[lineEnd - 1] != '\n') {
            lineEnd--;
        }
        Detection found = Detector.detect(text, 0, lineEnd == 0 ? textLength : lineEnd, stamp);
        if (detection == null || found.lines() > detection.lines()) {
            detection = found;
            file.detected(found, size);
        }
    }

    // ---- the batch

    /** What is to be noted before it is sent. */
    Note note() {
        return note;
    }

    Detection detection() {
        return detection;
    }

    /** The file's zone and reference time. */
    Stamp stamp() {
        return stamp;
    }

    /** The batch in UTF-8; its records stand where {@link #framed} says. */
    byte[] text() {
        return text;
    }

    /** Where its records are. */
    Framer framed() {
        return framer;
    }

    int count() {
        return framer.count();
    }

    /**
     * Up to which record each is a line as it stands, and stands in the text where it stands in the
     * file, from one on.
     */
    int plain(int record) {
        return detection.dialect() instanceof Dialect.Plain && transcript.isEmpty()
                ? framer.lines(record)
                : record;
    }

    /** How many lines its records have; one without its end is a line too. */
    int lines() {
        if (framer.lineByLine()) {
            return count();
        }
        int lines = 0;
        for (int i = 0; i < count(); i++) {
            lines += framer.oneLine(i) ? 1 : Scan.lines(text, framer.start(i), framer.end(i));
            if (i + 1 < count() && text[framer.end(i) - 1] != '\n') {
                lines--; // a part of a long line, which goes on in the next record
            }
        }
        return lines;
    }

    /** Whether a record ends within a line. */
    boolean cut(int record) {
        return (record + 1 < count() || followed) && text[framer.end(record) - 1] != '\n';
    }

    /** Offset of a record in its file. */
    long position(int record) {
        return note.from() + place(record);
    }

    private int place(int record) {
        return transcript.isPresent() ? places[record] : framer.start(record);
    }

    /** How many bytes of its file a record has. */
    long bytes(int record) {
        long end = record + 1 < count() ? place(record + 1) : note.to() - note.from();
        return end - place(record);
    }

    /** The first line, or as much of it as tells one file from another. */
    byte[] firstLine(int most) {
        int end = 0;
        while (end < Math.min(note.to() - note.from(), most) && buffer.get(end) != '\n') {
            end++;
        }
        return Arrays.copyOf(buffer.array(), end);
    }
}
