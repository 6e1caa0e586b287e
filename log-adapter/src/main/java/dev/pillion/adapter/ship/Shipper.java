package dev.pillion.adapter.ship;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.redact.Secrets;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/**
 * Takes the next batch of a file from the acknowledged offset on, and delivers it: read, frame,
 * note, parse, redact, encode, post. One instance a worker thread. A batch that could not be
 * delivered is not kept: the file is the queue, and the note says how it was framed.
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

    private static final int FIRST_LINE_BYTES = 256;

    /** Of UTF-8: a record is split between two of them. */
    private static final int LONGEST_CHARACTER = 4;

    private static final byte[] NOTHING = {};

    private final Settings settings;
    private final Checkpoint checkpoint;
    private final Destination destination;
    private final Secrets secrets;
    private final Counts counts;
    private final Outage outage;
    private final Map<String, String> resource;
    private final Clock clock;
    private final RandomGenerator random;

    private final BatchReader batch;
    private final RecordParser parser = new RecordParser();
    private final ParsedRecord record = new ParsedRecord();

    /** The resource made last, and of which file. */
    private byte[] resourceBytes = {};

    private Path resourcePath = Path.of("");
    private String resourceId = "";

    private int misses;
    private int setAside;
    private long rejected;
    private long accepted;

    public Shipper(
            Settings settings,
            Checkpoint checkpoint,
            Destination destination,
            Redactor redactor,
            Counts counts,
            Outage outage,
            Map<String, String> resource,
            Clock clock,
            RandomGenerator random) {
        this.settings = settings;
        this.checkpoint = checkpoint;
        this.destination = destination;
        this.secrets = new Secrets(redactor);
        this.counts = counts;
        this.outage = outage;
        this.resource = Map.copyOf(resource);
        this.clock = clock;
        this.random = random;
        this.batch = new BatchReader(settings, clock);
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
            // The message of a FileSystemException alone may be no more than a path.
            boolean telling = e.getMessage() != null && !(e instanceof FileSystemException);
            fail(file, telling ? e.getMessage() : e.toString());
            return Turn.FAILED;
        }
    }

    private Turn turn(TailedFile file, Framer.Tail tail) throws IOException, InterruptedException {
        switch (batch.take(file, tail)) {
            case CHANGED -> {
                return Turn.CHANGED;
            }
            case NOTHING -> {
                return Turn.NOTHING;
            }
            case BATCH -> {}
        }
        Note note = batch.note();
        if (file.note() == null) {
            String id = file.id().isEmpty() ? identity(file) : file.id();
            if (file.id().isEmpty() && checkpoint.begunAnew() && recovered(file, id)) {
                return Turn.DELIVERED;
            }
            checkpoint.note(id, file.key(), file.acked(), note);
            file.noted(id, note);
        }
        misses = 0;
        setAside = 0;
        rejected = 0;
        accepted = 0;
        int count = batch.count();
        Framer framed = batch.framed();
        secrets.find(batch.text(), framed.start(0), framed.end(count - 1), framed.survey());
        switch (send(file, 0, count)) {
            case Delivery.Accepted taken -> {}
            case Delivery.Retry retry -> {
                later(file, retry.reason(), retry.afterMillis());
                return Turn.FAILED;
            }
            case Delivery.Refusal refusal -> {
                fail(file, refusal.reason());
                return Turn.FAILED;
            }
        }
        checkpoint.acknowledge(file.id(), file.key(), note.end(), count, batch.position(count - 1));
        file.acknowledged(note.end());
        file.count(count, misses, setAside + rejected);
        counts.records.add(count - setAside - rejected);
        counts.lines.add(batch.lines());
        counts.misses.add(misses);
        counts.bytes.add(note.to() - note.from());
        return Turn.DELIVERED;
    }

    /**
     * Device, inode, birth time and the first line make the identity; a number parts those that are
     * alike.
     */
    private String identity(TailedFile file) {
        byte[] key = file.key().getBytes(StandardCharsets.UTF_8);
        byte[] line = batch.firstLine(FIRST_LINE_BYTES);
        String id =
                "%016x"
                        .formatted(
                                Mark.hash(key, 0, key.length) * 31
                                        + Mark.hash(line, 0, line.length));
        String candidate = id;
        for (int i = 2; checkpoint.knows(candidate); i++) {
            candidate = id + "." + i;
        }
        return candidate;
    }

    /**
     * The checkpoint is lost, the far end's is not: the file goes on with the last record that is
     * there. It is sent once more, and is a repeat.
     */
    private boolean recovered(TailedFile file, String id) throws IOException {
        Totals there = destination.known(id).orElse(Totals.NONE);
        long position = there.position();
        if (position <= batch.note().from()
                || position >= file.content().size()
                || Mark.read(file.content(), position - 1, 1)[0] != '\n') {
            return false;
        }
        Mark mark = Mark.of(file.content(), position);
        checkpoint.recover(id, file.key(), mark, new Totals(there.records() - 1, position - 1));
        file.restore(new TailedFile.Place(id, mark, null));
        LOG.log(
                Level.INFO,
                "{0}: goes on from byte {1}, which the far end has",
                new Object[] {file.path(), position});
        return true;
    }

    /**
     * Sends records {@code [first, end)} of the batch; halves what is refused.
     *
     * @return refused if nothing at all of the batch is taken
     */
    private Delivery send(TailedFile file, int first, int end)
            throws InterruptedException, IOException {
        Delivery delivery = post(file, first, end);
        return switch (delivery) {
            case Delivery.Accepted ok -> delivery;
            case Delivery.Retry retry -> delivery;
            case Delivery.Refusal refusal -> halve(file, first, end, refusal);
        };
    }

    private Delivery post(TailedFile file, int first, int end) throws InterruptedException {
        int missed = encode(file, first, end);
        Delivery delivery = request();
        if (delivery instanceof Delivery.Accepted ok) {
            accepted++;
            misses += missed;
            rejected += ok.rejected();
            if (ok.rejected() > 0) {
                counts.rejected.add(ok.rejected());
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} records were rejected: {2}",
                        new Object[] {file.path(), ok.rejected(), ok.message()});
            }
        }
        return delivery;
    }

    private Delivery request() throws InterruptedException {
        counts.requests.increment();
        Delivery delivery = destination.send();
        outage.heard(delivery);
        return delivery;
    }

    private Delivery halve(TailedFile file, int first, int end, Delivery.Refusal refusal)
            throws InterruptedException, IOException {
        if (end - first > 1) {
            int middle = (first + end) >>> 1;
            Delivery left = send(file, first, middle);
            return left instanceof Delivery.Accepted ? send(file, middle, end) : left;
        }
        if (accepted == 0) {
            // Nothing of the batch was taken: a wrong endpoint, or a bad record?
            if (!takesAnEmptyRequest(file)) {
                return refusal;
            }
            Delivery again = post(file, first, end);
            if (again instanceof Delivery.Accepted || again instanceof Delivery.Retry) {
                return again; // the endpoint was, and is not any more
            }
        }
        setAside++;
        counts.refused.increment();
        long position = batch.position(first);
        String line =
                "%s position=%d bytes=%d file=%s id=%s: %s%n"
                        .formatted(
                                clock.instant(),
                                position,
                                batch.bytes(first),
                                file.path(),
                                file.id(),
                                refusal.reason());
        Path aside = settings.stateDirectory().resolve("refused.log");
        Files.writeString(aside, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        LOG.log(
                Level.WARNING,
                "{0}: the record at {1} was refused and set aside: {2}",
                new Object[] {file.path(), position, refusal.reason()});
        return new Delivery.Accepted(0, "");
    }

    /**
     * Whether the far end takes the same without a record: then it is the record that it refuses.
     */
    private boolean takesAnEmptyRequest(TailedFile file) throws InterruptedException {
        destination.begin(resource(file.path(), file.id()), nanos(), NOTHING);
        return request() instanceof Delivery.Accepted;
    }

    /** Returns how many records the dialect did not explain. */
    private int encode(TailedFile file, int first, int end) {
        byte[] bytes = batch.text();
        Framer framed = batch.framed();
        int from = framed.start(first);
        int to = framed.end(end - 1);
        boolean utf8 = framed.survey().ascii(from, to) || Utf8.valid(bytes, from, to);
        destination.begin(resource(file.path(), file.id()), nanos(), utf8 ? bytes : NOTHING);
        parser.use(batch.detection().dialect(), batch.stamp());
        int missed = 0;
        int next = first;
        while (next < end) {
            int lines = untouched(next, end);
            if (next < lines) {
                destination.lines(bytes, framed, next, lines, batch.note().from());
            }
            if (lines < end && !parsed(bytes, framed, lines)) {
                missed++;
            }
            next = lines + 1;
        }
        return missed;
    }

    /** Up to which record there is nothing to parse and nothing to mask, from one on. */
    private int untouched(int record, int end) {
        return batch.framed().holding(secrets.next(), record, Math.min(end, batch.plain(record)));
    }

    /** Adds a record taken apart; returns whether the dialect explained it. */
    private boolean parsed(byte[] bytes, Framer framed, int index) {
        int from = framed.start(index);
        int to = framed.end(index);
        parser.parse(bytes, framed, index, record);
        if (to - from > settings.maxRecordBytes() - LONGEST_CHARACTER && batch.cut(index)) {
            record.continues();
        }
        secrets.mask(to);
        secrets.mask(record);
        destination.add(record, bytes, from, to, batch.position(index));
        return record.recognised();
    }

    private byte[] resource(Path path, String id) {
        if (!path.equals(resourcePath) || !id.equals(resourceId)) {
            Map<String, String> attributes = new LinkedHashMap<>(resource);
            attributes.put("log.file.path", path.toString());
            attributes.put("log.file.name", path.getFileName().toString());
            attributes.put("log.file.id", id);
            resourceBytes = OtlpEncoder.resource(attributes.entrySet());
            resourcePath = path;
            resourceId = id;
        }
        return resourceBytes;
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
        destination.begin(resource(gap.path(), gap.id()), now, text);
        destination.add(record, text, 0, text.length, gap.end() - 1);
        if (request() instanceof Delivery.Retry) {
            counts.retries.increment();
            return false;
        }
        checkpoint.told(gap);
        return true;
    }

    /** Something of this file alone is wrong: it is said, once. */
    private void fail(TailedFile file, String reason) {
        if (file.failures() == 0 || !reason.equals(file.lastError())) {
            LOG.log(
                    Level.WARNING,
                    "{0}: not delivered, the file is the queue: {1}",
                    new Object[] {file.path(), reason});
        }
        later(file, reason, -1);
    }

    private void later(TailedFile file, String reason, long afterMillis) {
        counts.retries.increment();
        long pause =
                Math.min(
                        settings.retryMax().toMillis(),
                        settings.retryInitial().toMillis() << Math.min(file.failures(), 16));
        long millis = pause / 2 + random.nextLong(Math.max(1, pause / 2 + 1));
        millis = Math.max(millis, afterMillis);
        file.failed(reason, System.nanoTime() + Duration.ofMillis(millis).toNanos());
    }

    @Override
    public void close() {
        destination.close();
    }
}
