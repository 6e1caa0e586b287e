package dev.pillion.adapter.ship;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.detect.Detector;
import dev.pillion.adapter.detect.Detector.Detection;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.tail.Content;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/**
 * Takes the next batch of a file from the acknowledged offset on, and delivers it: read, frame,
 * note, parse, redact, encode, post. Holds the only buffers of the data path, reused from file to
 * file; one instance a worker thread. A batch that could not be delivered is not kept: the file is
 * the queue, and the note says how it was framed.
 *
 * @see Checkpoint
 */
public final class Shipper implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Shipper.class.getName());

    /** How a turn ended. */
    public enum Turn {
        /** A batch was acknowledged; there may be more. */
        DELIVERED,
        /** There is nothing whole to send yet. */
        NOTHING,
        /** To be tried again later. */
        FAILED,
        /** The file's content is no longer the one that was read. */
        CHANGED
    }

    private final Settings settings;
    private final Checkpoint checkpoint;
    private final Destination destination;
    private final Redactor redactor;
    private final Counts counts;
    private final Map<String, String> resource;
    private final Clock clock;
    private final RandomGenerator random;

    private final Framer framer;
    private final RecordParser parser = new RecordParser();
    private final ParsedRecord record = new ParsedRecord();
    private ByteBuffer buffer;

    private int misses;
    private int setAside;
    private long accepted;

    public Shipper(
            Settings settings,
            Checkpoint checkpoint,
            Destination destination,
            Redactor redactor,
            Counts counts,
            Map<String, String> resource,
            Clock clock,
            RandomGenerator random) {
        this.settings = settings;
        this.checkpoint = checkpoint;
        this.destination = destination;
        this.redactor = redactor;
        this.counts = counts;
        this.resource = Map.copyOf(resource);
        this.clock = clock;
        this.random = random;
        this.framer = new Framer(settings.maxRecordBytes(), settings.batchRecords());
        this.buffer =
                ByteBuffer.allocate(
                        Math.max(settings.batchBytes(), settings.maxRecordBytes() + 64 * 1024));
    }

    /**
     * One turn for one file, which no other worker has in hand.
     *
     * @param tail what is known of the end of the file
     */
    public Turn ship(TailedFile file, Framer.Tail tail) throws InterruptedException {
        try {
            return turn(file, tail);
        } catch (IOException e) {
            fail(file, file.path() + ": " + e, -1);
            return Turn.FAILED;
        }
    }

    private Turn turn(TailedFile file, Framer.Tail tail) throws IOException, InterruptedException {
        Content content = file.content();
        Mark acked = file.acked();
        long from = acked.offset();
        Note note = file.note();
        long size = content.size();
        int wanted =
                note != null
                        ? (int) (note.to() - note.from())
                        : (int) Math.min(size - from, settings.batchBytes());
        if (wanted <= 0) {
            return size < from ? Turn.CHANGED : Turn.NOTHING;
        }
        int read = read(content, from, wanted);
        if (from == 0) {
            file.head(Arrays.copyOf(buffer.array(), Math.min(read, Mark.WINDOW)));
        }
        Detection detection = detection(file, content, read, size);
        // After all reading, so that a truncation in between is seen.
        if (!same(content, acked, read)) {
            return Turn.CHANGED;
        }
        Stamp stamp = new Stamp(settings.zone(), reference(file));
        byte[] bytes = buffer.array();
        if (note != null) {
            Mark end = mark(from, read);
            if (read < wanted || end.hash() != note.end().hash()) {
                return Turn.CHANGED;
            }
            framer.use(note.starts(), note.starts().length, wanted);
        } else {
            boolean more = from + read < size;
            framer.frame(
                    bytes, 0, read, more ? Framer.Tail.OPEN : tail, detection.dialect(), stamp);
            if (framer.count() == 0 && more && wanted < buffer.capacity()) {
                // A record longer than a batch: up to the longest that is not split.
                read = read(content, from, (int) Math.min(size - from, buffer.capacity()));
                more = from + read < size;
                framer.frame(
                        bytes, 0, read, more ? Framer.Tail.OPEN : tail, detection.dialect(), stamp);
            }
            if (framer.count() == 0) {
                file.tried(size, tail.certainty());
                return Turn.NOTHING;
            }
            String id = file.id().isEmpty() ? identity(file, read) : file.id();
            int[] starts = new int[framer.count()];
            for (int i = 0; i < starts.length; i++) {
                starts[i] = framer.start(i);
            }
            int end = framer.end();
            note = new Note(from, from + end, starts, mark(from, end));
            checkpoint.note(id, file.key(), acked, note);
            file.noted(id, note);
        }
        misses = 0;
        setAside = 0;
        accepted = 0;
        int count = framer.count();
        Delivery end = send(file, detection, stamp, from, 0, count);
        if (end instanceof Delivery.Retry retry) {
            fail(file, retry.reason(), retry.afterMillis());
            return Turn.FAILED;
        }
        checkpoint.acknowledge(file.id(), file.key(), note.end());
        file.acknowledged(note.end());
        file.count(count, misses);
        counts.records.add(count - setAside);
        counts.misses.add(misses);
        counts.bytes.add(note.to() - note.from());
        return Turn.DELIVERED;
    }

    private int read(Content content, long from, int wanted) throws IOException {
        if (wanted > buffer.capacity()) {
            buffer = ByteBuffer.allocate(wanted);
        }
        buffer.clear().limit(wanted);
        while (buffer.hasRemaining()) {
            if (content.read(buffer, from + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.position();
    }

    /**
     * Whether the file is still the one that was read from: looked at after reading, so that a
     * truncation in between is seen. At a file's start its first bytes stand in for the mark.
     */
    private boolean same(Content content, Mark acked, int read) throws IOException {
        if (content.settled()) {
            return true;
        }
        if (acked.offset() > 0) {
            return acked.holds(content);
        }
        int length = Math.min(read, Mark.WINDOW);
        return new Mark(length, length, Mark.hash(buffer.array(), 0, length)).holds(content)
                && content.size() >= read;
    }

    /** The mark after {@code length} bytes of the buffer. */
    private Mark mark(long from, int length) {
        int window = Math.min(length, Mark.WINDOW);
        return new Mark(from + length, window, Mark.hash(buffer.array(), length - window, length));
    }

    private Instant reference(TailedFile file) {
        Instant modified = file.modified();
        return modified.equals(Instant.EPOCH) ? clock.instant() : modified;
    }

    /** The dialect: looked for again, while few lines told it, whenever the file has doubled. */
    private Detection detection(TailedFile file, Content content, int read, long size)
            throws IOException {
        Detection known = file.detection();
        boolean sure = known != null && known.lines() >= 200;
        if (sure || (known != null && size < 2 * file.sampledSize())) {
            return known;
        }
        byte[] sample = buffer.array();
        int end = Math.min(read, Detector.SAMPLE_BYTES);
        if (file.acked().offset() > 0) {
            sample = Mark.read(content, 0, (int) Math.min(size, Detector.SAMPLE_BYTES));
            end = sample.length;
        }
        int lineEnd = end;
        while (lineEnd > 0 && sample[lineEnd - 1] != '\n') {
            lineEnd--;
        }
        Detection detection =
                Detector.detect(
                        sample,
                        0,
                        lineEnd == 0 ? end : lineEnd,
                        new Stamp(settings.zone(), reference(file)));
        if (known != null && detection.lines() <= known.lines()) {
            return known;
        }
        file.detected(detection, size);
        return detection;
    }

    /** Device, inode and the first line make the identity; a number parts those that are alike. */
    private String identity(TailedFile file, int read) {
        byte[] head = buffer.array();
        int end = 0;
        while (end < Math.min(read, 256) && head[end] != '\n') {
            end++;
        }
        byte[] key = file.key().getBytes(StandardCharsets.UTF_8);
        String id = "%016x".formatted(Mark.hash(key, 0, key.length) * 31 + Mark.hash(head, 0, end));
        String candidate = id;
        for (int i = 2; checkpoint.knows(candidate); i++) {
            candidate = id + "." + i;
        }
        return candidate;
    }

    /** Sends records {@code [first, end)} of the framed batch; halves what is refused. */
    private Delivery send(
            TailedFile file, Detection detection, Stamp stamp, long base, int first, int end)
            throws InterruptedException, IOException {
        encode(file, detection, stamp, base, first, end);
        counts.requests.increment();
        Delivery delivery = destination.send();
        return switch (delivery) {
            case Delivery.Accepted ok -> {
                accepted++;
                if (ok.rejected() > 0) {
                    counts.rejected.add(ok.rejected());
                    LOG.log(
                            Level.WARNING,
                            "{0}: {1} records were rejected: {2}",
                            new Object[] {file.path(), ok.rejected(), ok.message()});
                }
                yield delivery;
            }
            case Delivery.Retry retry -> delivery;
            case Delivery.Refused refused ->
                    halve(file, detection, stamp, base, first, end, refused.reason());
            case Delivery.TooLarge large ->
                    halve(file, detection, stamp, base, first, end, large.reason());
        };
    }

    private Delivery halve(
            TailedFile file,
            Detection detection,
            Stamp stamp,
            long base,
            int first,
            int end,
            String reason)
            throws InterruptedException, IOException {
        if (end - first > 1) {
            int middle = (first + end) >>> 1;
            Delivery left = send(file, detection, stamp, base, first, middle);
            return left instanceof Delivery.Accepted
                    ? send(file, detection, stamp, base, middle, end)
                    : left;
        }
        if (accepted == 0 && counts.records.sum() == 0) {
            // Nothing was ever taken: rather a wrong endpoint than a bad record.
            return new Delivery.Retry(reason, -1);
        }
        setAside++;
        counts.refused.increment();
        long position = base + framer.start(first);
        String line =
                "%s position=%d bytes=%d file=%s id=%s: %s%n"
                        .formatted(
                                clock.instant(),
                                position,
                                framer.end(first) - framer.start(first),
                                file.path(),
                                file.id(),
                                reason);
        Path aside = settings.stateDirectory().resolve("refused.log");
        Files.writeString(aside, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        LOG.log(
                Level.WARNING,
                "{0}: the record at {1} was refused and set aside: {2}",
                new Object[] {file.path(), position, reason});
        return new Delivery.Accepted(0, "");
    }

    private void encode(
            TailedFile file, Detection detection, Stamp stamp, long base, int first, int end) {
        destination.begin(resource(file.path(), file.id()));
        byte[] bytes = buffer.array();
        long observed = nanos();
        for (int i = first; i < end; i++) {
            int from = framer.start(i);
            int to = framer.end(i);
            parser.parse(detection.dialect(), bytes, from, to, stamp, record);
            redactor.redact(bytes, from, to);
            redactor.redact(record.scratch(), 0, record.scratchLength());
            if (!record.recognised()) {
                misses++;
            }
            destination.add(record, bytes, from, to, base + from, observed);
        }
    }

    private byte[] resource(Path path, String id) {
        Map<String, String> attributes = new LinkedHashMap<>(resource);
        attributes.put("log.file.path", path.toString());
        attributes.put("log.file.name", path.getFileName().toString());
        attributes.put("log.file.id", id);
        return OtlpEncoder.resource(attributes.entrySet());
    }

    private long nanos() {
        Instant now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /**
     * Tells the far end of a loss, in the place of what was lost. The last lost byte is its
     * position: it is above all that was delivered of the file.
     *
     * @return whether it is told; if not it is to be told again
     */
    public boolean tell(Gap gap) throws InterruptedException, IOException {
        byte[] text =
                "%d bytes of %s were cut off before they were read, up to byte %d, and no copy has them"
                        .formatted(gap.bytes(), gap.path(), gap.end())
                        .getBytes(StandardCharsets.UTF_8);
        long now = nanos();
        record.gap(now, text, gap.bytes());
        destination.begin(resource(gap.path(), gap.id()));
        destination.add(record, text, 0, text.length, gap.end() - 1, now);
        counts.requests.increment();
        if (destination.send() instanceof Delivery.Retry) {
            counts.retries.increment();
            return false;
        }
        checkpoint.told(gap);
        return true;
    }

    private void fail(TailedFile file, String reason, long afterMillis) {
        counts.retries.increment();
        int failures = file.failures();
        long pause =
                Math.min(
                        settings.retryMax().toMillis(),
                        settings.retryInitial().toMillis() << Math.min(failures, 16));
        long millis = pause / 2 + random.nextLong(Math.max(1, pause / 2 + 1));
        millis = Math.max(millis, afterMillis);
        if (failures == 0 || !reason.equals(file.lastError())) {
            LOG.log(
                    Level.WARNING,
                    "{0}: not delivered, the file is the queue: {1}",
                    new Object[] {file.path(), reason});
        }
        file.failed(reason, System.nanoTime() + Duration.ofMillis(millis).toNanos());
    }

    @Override
    public void close() {
        destination.close();
    }
}
