package dev.pillion.adapter.tail;

import dev.pillion.adapter.detect.Detector.Detection;
import dev.pillion.adapter.frame.Framing;

import java.nio.file.Path;
import java.time.Instant;

/**
 * One file that is read: who it is, how far it was read and acknowledged. The scan thread owns what
 * concerns the folder; while {@code busy} a worker owns the rest. Fields that the admin pages read
 * are volatile.
 */
public final class TailedFile {

    /**
     * A batch about to be sent, or sent and not yet acknowledged.
     *
     * @param from offset of its first byte
     * @param to after its last byte
     * @param framing how it was divided into records; places are distances from {@code from}
     * @param end vouches for the content up to {@code to}
     */
    public record Note(long from, long to, Framing framing, Mark end) {}

    /**
     * How far a file is, as one value: read by other threads while its worker goes on.
     *
     * @param id the identity sent as {@code log.file.id}; empty before the first batch
     * @param note the batch under way, or null
     */
    public record Place(String id, Mark acked, Note note) {
        static final Place NEW = new Place("", Mark.START, null);
    }

    /** So many of its first bytes are kept, to know a copy of it by. */
    public static final int HEAD_BYTES = 64;

    /** What the scan knows it by: device and inode. */
    final Object fileKey;

    final Content content;

    /** Device, inode and birth time, in words. */
    private final String key;

    volatile Path path;
    volatile long size;
    volatile Instant modified = Instant.EPOCH;
    volatile long lastGrowthNanos;

    private final Growth growth = new Growth();

    /** Since when there may be something unsent. */
    volatile long unsentSinceNanos = System.nanoTime();

    volatile boolean missing;
    long missingSinceNanos;
    long seenTick;

    /**
     * It was written to and is as large as it was: it may have another content. Also after growth,
     * as that is seen before the time of writing is. Scan only.
     */
    boolean suspect;

    private volatile byte[] head = {};

    /**
     * So many bytes the original of this copy was known to have, until it is settled whether the
     * copy has them; 0 for others. Scan thread only.
     */
    long owed;

    /** From here on what is owed was not read of the original. */
    long owedFrom;

    /** Byte for byte the beginning of this other file: not shipped, it is a copy being made. */
    TailedFile copyOf;

    /** It cannot be opened any more. Scan thread only. */
    boolean lost;

    /** Size of the file when its dialect was looked for. */
    private volatile long sampledSize;

    private volatile boolean busy;
    private volatile Place place = Place.NEW;
    private volatile Detection detection;
    private volatile long readOffset;

    private volatile long records;
    private volatile long misses;
    private volatile long notTaken;
    private volatile long notBeforeNanos = System.nanoTime();
    private volatile int failures;
    private volatile String lastError = "";
    private volatile long triedSize = -1;
    private volatile int triedTail = -1;
    private volatile boolean changed;

    TailedFile(Object fileKey, String key, Path path, Content content) {
        this.fileKey = fileKey;
        this.key = key;
        this.path = path;
        this.content = content;
        this.lastGrowthNanos = System.nanoTime();
    }

    /** Device, inode and, where it is known, time of birth, as the file system tells them. */
    public String key() {
        return key;
    }

    public Path path() {
        return path;
    }

    void path(Path path) {
        this.path = path;
        content.path(path);
    }

    public Content content() {
        return content;
    }

    /** The first bytes of what was read; empty before. */
    byte[] head() {
        return head;
    }

    /** Its first bytes were read, and nothing before them: what a copy of it is known by. */
    @SuppressWarnings("ArrayRecordComponent") // never changed
    public void head(byte[] head) {
        this.head = head;
    }

    /** Who it is and how far it is. */
    public Place place() {
        return place;
    }

    /** The identity sent as {@code log.file.id}; empty before the first batch. */
    public String id() {
        return place.id();
    }

    public Mark acked() {
        return place.acked();
    }

    /** The noted batch, or null when nothing is under way. */
    public Note note() {
        return place.note();
    }

    /** The batch is noted and about to be sent. */
    public void noted(String id, Note note) {
        place = new Place(id, place.acked(), note);
        readOffset = note.to();
    }

    /** The batch is acknowledged. */
    public void acknowledged(Mark mark) {
        place = new Place(place.id(), mark, null);
        readOffset = mark.offset();
        failures = 0;
        lastError = "";
    }

    /** It goes on from a place known from before. */
    public void restore(Place known) {
        place = known;
        readOffset = known.note() == null ? known.acked().offset() : known.note().to();
    }

    /** What its records look like; null before the first look. */
    public Detection detection() {
        return detection;
    }

    public void detected(Detection detection, long sampledSize) {
        this.detection = detection;
        this.sampledSize = sampledSize;
    }

    /** Size of the file when {@link #detection} was made. */
    public long sampledSize() {
        return sampledSize;
    }

    public long size() {
        return size;
    }

    /** It ends here now, by what was written at this time. */
    void size(long size, long nanos) {
        growth.to(acked().offset(), size, nanos);
        this.size = size;
    }

    public long readOffset() {
        return readOffset;
    }

    /** When it was last written to. */
    public Instant modified() {
        return modified;
    }

    /**
     * It was written to, perhaps in room made beforehand: its size need not have changed.
     *
     * @param size how large it was then
     */
    void modified(Instant modified, long size, long now) {
        if (!modified.equals(this.modified)) {
            suspect |= size == this.size;
            this.modified = modified;
            lastGrowthNanos = now;
            triedSize = -1;
        }
    }

    /** How long nothing was written, in nanoseconds. */
    public long quietNanos(long now) {
        return now - lastGrowthNanos;
    }

    public boolean busy() {
        return busy;
    }

    void busy(boolean busy) {
        this.busy = busy;
    }

    /**
     * Adds to the counts.
     *
     * @param notTaken records among them that were set aside or rejected
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // by the one worker that has the file
    public void count(long records, long misses, long notTaken) {
        this.records = this.records + records;
        this.misses = this.misses + misses;
        this.notTaken = this.notTaken + notTaken;
    }

    public long records() {
        return records;
    }

    public long misses() {
        return misses;
    }

    /** Records that the far end did not take: set aside or rejected. */
    public long notTaken() {
        return notTaken;
    }

    /** Not to be tried again before this. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // by the one worker that has the file
    public void failed(String error, long notBeforeNanos) {
        this.failures = failures + 1;
        this.lastError = error;
        this.notBeforeNanos = notBeforeNanos;
    }

    public int failures() {
        return failures;
    }

    public String lastError() {
        return lastError;
    }

    long notBeforeNanos() {
        return notBeforeNanos;
    }

    /** Nothing whole could be taken at this size, with that much known of its end. */
    public void tried(long size, int tail) {
        this.triedSize = size;
        this.triedTail = tail;
    }

    long triedSize() {
        return triedSize;
    }

    int triedTail() {
        return triedTail;
    }

    /** The content before the acknowledged offset is no longer what it was. */
    public void contentChanged() {
        changed = true;
    }

    boolean changed() {
        return changed;
    }

    /** From now on another content: nothing of it was read. */
    void renew() {
        place = Place.NEW;
        growth.clear();
        head = new byte[0];
        readOffset = 0;
        changed = false;
        failures = 0;
        notBeforeNanos = System.nanoTime();
        triedSize = -1;
        detection = null;
    }

    /** Bytes not yet acknowledged. */
    public long lagBytes() {
        return Math.max(0, size - acked().offset());
    }

    /** How long the oldest unacknowledged byte has waited, in seconds; 0 without lag. */
    public double lagSeconds(long now) {
        return lagBytes() == 0 ? 0 : Math.max(0, now - growth.since(acked().offset(), now)) / 1e9;
    }

    /** Whether nothing of it is left to be sent. */
    boolean delivered() {
        return copyOf != null || acked().offset() >= size;
    }

    /** Whether it cannot change, and nothing that could be sent is left: zeros at its end are. */
    boolean exhausted() {
        return content.settled() && triedSize == size;
    }

    /** Whether it is held back as the copy of another file. */
    public boolean copy() {
        return copyOf != null;
    }
}
