package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexCommit;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The chunks of one day: a Lucene index with one document a chunk. The words of its records are
 * terms that choose candidates; head and columns are doc values. Written by the sealer alone, read
 * through readers that stay as they are while they are open.
 */
final class DayIndex implements AutoCloseable {

    static final String WORDS = "words";
    static final String ORIGIN_WORDS = "origin-words";
    private static final String FIRST = "first";
    private static final String HEAD = "head";
    private static final String COLUMNS = "columns";
    private static final FieldType TERMS = new FieldType();

    static {
        TERMS.setIndexOptions(IndexOptions.DOCS);
        TERMS.setOmitNorms(true);
        TERMS.setTokenized(true);
        TERMS.freeze();
    }

    private final FSDirectory directory;
    private final IndexWriter writer;
    private volatile Extent extent;
    private DirectoryReader reader;

    /** What was there before may have small chunks as well. */
    private int addedSinceCompaction = Compaction.MANY;

    DayIndex(Path path) throws IOException {
        this(path, IndexWriterConfig.DEFAULT_MAX_FULL_FLUSH_MERGE_WAIT_MILLIS);
    }

    /**
     * @param mergeWait how long a commit waits for merges that it can take along, in milliseconds;
     *     others end when they will
     */
    DayIndex(Path path, long mergeWait) throws IOException {
        directory = FSDirectory.open(path);
        IndexWriterConfig config = new IndexWriterConfig(new NoAnalyzer());
        config.setRAMBufferSizeMB(8);
        config.setUseCompoundFile(false);
        config.setCommitOnClose(false);
        config.setMaxFullFlushMergeWaitMillis(mergeWait);
        writer = new IndexWriter(directory, config);
        reader = DirectoryReader.open(writer);
        extent = Extent.of(reader.getIndexCommit().getUserData());
    }

    /** Terms come ready made. */
    private static final class NoAnalyzer extends Analyzer {
        @Override
        protected TokenStreamComponents createComponents(String fieldName) {
            throw new IllegalStateException("no field is analyzed");
        }
    }

    /** Adds a chunk; it is readable after {@link #refreshed} and safe after {@link #commit}. */
    void add(Rows rows) throws IOException {
        ColumnsWriter columns = new ColumnsWriter(rows);
        Document document = new Document();
        document.add(new Field(FIRST, one(rows.first()), TERMS));
        document.add(
                new Field(WORDS, ChunkWords.ofRecords(rows, columns.columns()).stream(), TERMS));
        ChunkWords origins = ChunkWords.ofOrigins(rows, columns.columns());
        if (origins.size() > 0) {
            document.add(new Field(ORIGIN_WORDS, origins.stream(), TERMS));
        }
        document.add(new BinaryDocValuesField(HEAD, new BytesRef(ChunkHead.encode(rows))));
        document.add(new BinaryDocValuesField(COLUMNS, new BytesRef(columns.encode())));
        writer.addDocument(document);
        addedSinceCompaction++;
        extent = extent.with(rows.earliest(), rows.latest(), rows.first(), rows.last());
    }

    private static TokenStream one(long number) {
        ChunkWords word = new ChunkWords();
        word.add(number);
        return word.stream();
    }

    /** Puts a chunk in the place of others, for readers and for the disk at one moment each. */
    void replace(List<Chunk> chunks, Rows rows) throws IOException {
        writer.deleteDocuments(
                chunks.stream()
                        .map(chunk -> new Term(FIRST, ChunkWords.term(chunk.first())))
                        .toArray(Term[]::new));
        add(rows);
    }

    /** Joins small chunks if enough were added; says how many chunks are fewer. */
    int compact(Compaction compaction) throws IOException {
        if (addedSinceCompaction < Compaction.MANY) {
            return 0;
        }
        int fewer = compaction.run(this);
        addedSinceCompaction = 0;
        return fewer;
    }

    /** Where its records lie, those that no reader sees yet included. Any thread. */
    Extent extent() {
        return extent;
    }

    /** A reader that sees all that was added; the caller swaps it in under its own lock. */
    DirectoryReader refreshed() throws IOException {
        return DirectoryReader.openIfChanged(reader, writer);
    }

    void swap(DirectoryReader newer) throws IOException {
        DirectoryReader older = reader;
        reader = newer;
        older.close();
    }

    DirectoryReader reader() {
        return reader;
    }

    /** Whether there was more than the reader sees: chunks added, a merge, a commit. */
    boolean stale() throws IOException {
        return !reader.isCurrent();
    }

    /**
     * Whether chunks were added that are not committed, or merged: until both this and the reader
     * are up to date, the files of before stay.
     */
    boolean dirty() {
        return writer.hasUncommittedChanges();
    }

    void commit() throws IOException {
        writer.setLiveCommitData(extent.toMap().entrySet());
        writer.commit();
    }

    /** The files of the last commit; they stay until the next. */
    List<Path> committedFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        if (DirectoryReader.indexExists(directory)) {
            List<IndexCommit> commits = DirectoryReader.listCommits(directory);
            for (String name : commits.getLast().getFileNames()) {
                files.add(directory.getDirectory().resolve(name));
            }
        }
        return files;
    }

    /**
     * Gives each chunk of a reader that may hold a record for which the condition is true, with a
     * time in {@code [from, to)}.
     *
     * @param space where they are unpacked, as long as they are used
     * @param chunks is given each chunk for the time of the call
     */
    static void candidates(
            DirectoryReader reader,
            Condition condition,
            long from,
            long to,
            Space space,
            Consumer<Chunk> chunks) {
        try {
            for (LeafReaderContext leaf : reader.leaves()) {
                FixedBitSet chosen = Candidates.of(leaf.reader(), condition);
                if (chosen != null && chosen.cardinality() == 0) {
                    continue;
                }
                BinaryDocValues heads = leaf.reader().getBinaryDocValues(HEAD);
                if (heads == null) {
                    continue;
                }
                Bits live = leaf.reader().getLiveDocs();
                LeafValues values = new LeafValues(leaf.reader(), space);
                while (heads.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
                    int document = heads.docID();
                    if ((chosen != null && !chosen.get(document))
                            || (live != null && !live.get(document))) {
                        continue;
                    }
                    ChunkHead head = head(heads.binaryValue());
                    if (head.latest() >= from && head.earliest() < to) {
                        chunks.accept(new StoredChunk(head, values, document));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ChunkHead head(BytesRef bytes) {
        return new ChunkHead(bytes.bytes, bytes.offset, bytes.length);
    }

    /**
     * What a leaf keeps of its chunks, one chunk at a time, in memory that is used again. Used by
     * the one thread of its query.
     */
    private static final class LeafValues {
        private final LeafReader leaf;
        private final Space space;
        private BinaryDocValues heads;
        private BinaryDocValues columns;

        LeafValues(LeafReader leaf, Space space) {
            this.leaf = leaf;
            this.space = space;
        }

        BytesRef head(int document) throws IOException {
            heads = at(document, heads, HEAD);
            return heads.binaryValue();
        }

        BytesRef columns(int document) throws IOException {
            columns = at(document, columns, COLUMNS);
            return columns.binaryValue();
        }

        /** Values go forward only. */
        private BinaryDocValues at(int document, BinaryDocValues before, String field)
                throws IOException {
            BinaryDocValues values =
                    before == null || before.docID() > document
                            ? leaf.getBinaryDocValues(field)
                            : before;
            values.advanceExact(document);
            return values;
        }
    }

    /** A chunk on disk; what it says of itself is read again when it was {@link #kept}. */
    private static final class StoredChunk implements Chunk {
        private final int count;
        private final long earliest;
        private final long latest;
        private final long first;
        private final long last;
        private final LeafValues values;
        private final int document;
        private final ChunkHead given;

        StoredChunk(ChunkHead head, LeafValues values, int document) {
            count = head.count();
            earliest = head.earliest();
            latest = head.latest();
            first = head.first();
            last = head.last();
            given = head;
            this.values = values;
            this.document = document;
        }

        private StoredChunk(StoredChunk other) {
            count = other.count;
            earliest = other.earliest;
            latest = other.latest;
            first = other.first;
            last = other.last;
            given = null;
            values = other.values;
            document = other.document;
        }

        @Override
        public Chunk kept() {
            return new StoredChunk(this);
        }

        private ChunkHead head() {
            try {
                return given != null ? given : DayIndex.head(values.head(document));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public long earliest() {
            return earliest;
        }

        @Override
        public long latest() {
            return latest;
        }

        @Override
        public long first() {
            return first;
        }

        @Override
        public long last() {
            return last;
        }

        @Override
        public Origin resource() {
            return head().resource();
        }

        @Override
        public void addSeverities(long[] counts) {
            head().addSeverities(counts);
        }

        @Override
        public boolean minutes(ChunkHead.MinuteVisitor visitor) {
            head().minutes(visitor);
            return true;
        }

        @Override
        public Contents open() {
            ChunkHead head = head();
            try {
                BytesRef bytes = values.columns(document);
                return new ColumnsReader(
                        bytes.bytes,
                        bytes.offset,
                        bytes.length,
                        values.space,
                        head.resource(),
                        head.scopes());
            } catch (IOException | IllegalStateException e) {
                Damage.found(this, e);
                return new HeadChunk(Rows.none(head.resource()), 0, 0);
            }
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
        writer.close();
        directory.close();
    }
}
