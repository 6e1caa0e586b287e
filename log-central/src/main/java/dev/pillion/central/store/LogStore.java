package dev.pillion.central.store;

import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.Origin;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Where records are kept and found again: the one seam behind which a store may be another. All
 * methods may be called from any thread.
 *
 * @see EmbeddedStore the one there is
 */
public interface LogStore extends AutoCloseable {

    /**
     * Takes a request. The future ends when all of it is safe on disk, or fails with {@link
     * NotTaken}.
     *
     * @param request the decoded request and the bytes it came as
     * @param patience how long this waits, before it returns, while more comes than can be written
     */
    CompletableFuture<Receipt> append(Request request, Duration patience)
            throws InterruptedException;

    /** Bytes of records in one page, context or piece of a tail; a single record may have more. */
    int MAX_PAGE_BYTES = 4 << 20;

    /**
     * One page of what a selection has, in the order of time, then number. It ends before {@code
     * limit} records if they have more than {@link #MAX_PAGE_BYTES}.
     */
    Page search(
            Selection selection,
            Optional<Cursor> after,
            boolean newestFirst,
            int limit,
            Deadline deadline);

    /**
     * Records per interval and severity band.
     *
     * @param interval nanoseconds
     */
    List<Bucket> histogram(Selection selection, long interval, Deadline deadline);

    /** The most frequent values of each field. */
    Map<String, List<ValueCount>> facets(
            Selection selection, List<String> fields, int top, Deadline deadline);

    /**
     * Records of the same resource around one, in the order they came; none if there is no such
     * record, or if the filter does not include its resource.
     */
    List<StoredRecord> context(
            long number, ResourceFilter resources, int before, int after, Deadline deadline);

    /** Records that came after this one, in the order they came. */
    Since since(long number, Selection selection, int limit, Deadline deadline);

    /** Waits until a record comes after this one; says whether one did. */
    boolean awaitAfter(long number, long timeoutMillis) throws InterruptedException;

    /** The number of the newest record. */
    long lastNumber();

    /** The resources that sent records in a time range. */
    List<SourceSummary> sources(
            ResourceFilter resources, long from, long to, int limit, Deadline deadline);

    /**
     * What is safe of files that were sent with positions.
     *
     * @param ids their {@code log.file.id}; if none, all files
     * @param namespaces of which they are; if none, of all
     * @param limit most files
     * @return in any order, without those it does not know
     */
    List<FileMark> files(Collection<String> ids, Set<String> namespaces, int limit);

    /** What it holds and does, for metrics. */
    StoreFigures figures();

    @Override
    void close();

    /**
     * @param hash 16 bytes by which the request is recognised if it comes again
     */
    @SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
    record Request(
            Batch batch, byte[] sent, Body.Encoding encoding, Body.Format format, byte[] hash) {}

    /**
     * @param kept records that are safe now
     * @param repeats records that were safe already
     */
    record Receipt(int kept, int repeats) {}

    /**
     * @param from epoch nanoseconds, included
     * @param to epoch nanoseconds, excluded
     */
    record Selection(Condition condition, ResourceFilter resources, long from, long to) {

        /** Of all resources. */
        public Selection(Condition condition, long from, long to) {
            this(condition, ResourceFilter.ALL, from, to);
        }
    }

    /** A place between two records. */
    record Cursor(long time, long number) {}

    /**
     * A record as it is kept.
     *
     * @param number its id
     * @param data its protobuf message begins at {@code offset} and has {@code length} bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
    record StoredRecord(
            long number,
            long time,
            Origin resource,
            Origin scope,
            byte[] data,
            int offset,
            int length) {}

    /**
     * @param more whether there are further records
     */
    record Page(List<StoredRecord> records, boolean more) {}

    /**
     * @param records what matched, oldest number first
     * @param last the number up to which everything was looked at
     * @param missing whether records between the given number and the first are gone
     */
    record Since(List<StoredRecord> records, long last, boolean missing) {}

    /**
     * @param counts records of each severity band: unset, trace, debug, info, warn, error, fatal
     */
    @SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
    record Bucket(long start, int[] counts) {}

    record ValueCount(String value, long count) {}

    /** A resource: its attributes as they came, and how much it has in the time range. */
    record SourceSummary(Origin resource, long records, long earliest, long latest) {}

    /**
     * @param records how many of the file's records were made safe since it was first seen
     * @param position the highest {@code log.file.position} that is safe
     */
    record FileMark(String id, long records, long position) {}

    /** Counters since the start, and sizes now. */
    record StoreFigures(
            long kept,
            long repeats,
            long headBytes,
            long journalBytes,
            long chunkBytes,
            long chunks,
            long lostBytes,
            long damaged) {}
}
