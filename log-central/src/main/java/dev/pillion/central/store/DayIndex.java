package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The chunks of one day: a Lucene index with one document a chunk. The words of its records are
 * terms that choose candidates; head and columns are doc values. Written by the sealer alone, read
 * through readers that stay as they are while they are open.
 */
final class DayIndex implements AutoCloseable {

    private static final String WORDS = "words";
    private static final String ORIGIN_WORDS = "origin-words";
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
    private DirectoryReader reader;
    private boolean dirty;
    private boolean stale;

    DayIndex(Path path) throws IOException {
        directory = FSDirectory.open(path);
        IndexWriterConfig config = new IndexWriterConfig(new NoAnalyzer());
        config.setRAMBufferSizeMB(8);
        config.setUseCompoundFile(false);
        config.setCommitOnClose(false);
        writer = new IndexWriter(directory, config);
        reader = DirectoryReader.open(writer);
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
        Document document = new Document();
        document.add(new Field(WORDS, ChunkWords.ofRecords(rows).stream(), TERMS));
        ChunkWords origins = ChunkWords.ofOrigins(rows);
        if (origins.size() > 0) {
            document.add(new Field(ORIGIN_WORDS, origins.stream(), TERMS));
        }
        document.add(new BinaryDocValuesField(HEAD, new BytesRef(ChunkHead.of(rows).encode())));
        document.add(new BinaryDocValuesField(COLUMNS, new BytesRef(Columns.encode(rows))));
        writer.addDocument(document);
        dirty = true;
        stale = true;
    }

    /** A reader that sees all that was added; the caller swaps it in under its own lock. */
    DirectoryReader refreshed() throws IOException {
        return DirectoryReader.openIfChanged(reader, writer);
    }

    void swap(DirectoryReader newer) throws IOException {
        DirectoryReader older = reader;
        reader = newer;
        stale = false;
        older.close();
    }

    DirectoryReader reader() {
        return reader;
    }

    /** Whether chunks were added that the reader does not see; a commit does not change that. */
    boolean stale() {
        return stale;
    }

    /** Whether chunks were added that are not committed. */
    boolean dirty() {
        return dirty;
    }

    void commit(Map<String, String> userData) throws IOException {
        writer.setLiveCommitData(userData.entrySet());
        writer.commit();
        dirty = false;
    }

    /** Gives each chunk of a reader that may hold a record for which the condition is true. */
    static void candidates(DirectoryReader reader, Condition condition, Consumer<Chunk> chunks) {
        try {
            for (LeafReaderContext leaf : reader.leaves()) {
                FixedBitSet chosen = chosen(leaf.reader(), condition);
                if (chosen != null && chosen.cardinality() == 0) {
                    continue;
                }
                BinaryDocValues heads = leaf.reader().getBinaryDocValues(HEAD);
                if (heads == null) {
                    continue;
                }
                while (heads.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
                    if (chosen != null && !chosen.get(heads.docID())) {
                        continue;
                    }
                    BytesRef bytes = heads.binaryValue();
                    ChunkHead head = ChunkHead.decode(bytes.bytes, bytes.offset, bytes.length);
                    chunks.accept(new StoredChunk(head, leaf.reader(), heads.docID()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The documents that may match, or null for all. */
    private static FixedBitSet chosen(LeafReader leaf, Condition condition) throws IOException {
        return switch (condition) {
            case Condition.Text text -> {
                List<byte[]> words = Words.needed(text.text(), text.wordStart(), text.wordEnd());
                yield words.isEmpty() && text.field().isEmpty() && Words.isOneWord(text.text())
                        ? withPartOfWord(leaf, Words.fold(text.text()))
                        : withWords(leaf, text.field(), text.text(), words);
            }
            case Condition.Exact exact ->
                    withWords(
                            leaf,
                            exact.field(),
                            exact.value(),
                            Words.needed(exact.value(), true, true));
            case Condition.And and -> {
                FixedBitSet all = null;
                for (Condition part : and.parts()) {
                    FixedBitSet one = chosen(leaf, part);
                    if (one != null) {
                        if (all == null) {
                            all = one;
                        } else {
                            all.and(one);
                        }
                    }
                }
                yield all;
            }
            case Condition.Or or -> {
                FixedBitSet any = new FixedBitSet(leaf.maxDoc());
                for (Condition part : or.parts()) {
                    FixedBitSet one = chosen(leaf, part);
                    if (one == null) {
                        yield null;
                    }
                    any.or(one);
                }
                yield any;
            }
            case Condition.Everything _,
                    Condition.Regex _,
                    Condition.Range _,
                    Condition.Exists _,
                    Condition.Severity _,
                    Condition.Not _ ->
                    null;
        };
    }

    private static FixedBitSet withWords(
            LeafReader leaf, String field, String text, List<byte[]> words) throws IOException {
        // A named field may hold a number or a truth value, which are not among the words.
        if (words.isEmpty() || (!field.isEmpty() && looksLikeNumberOrTruth(text))) {
            return null;
        }
        FixedBitSet all = null;
        for (byte[] word : words) {
            FixedBitSet one = new FixedBitSet(leaf.maxDoc());
            mark(leaf.terms(WORDS), word, one);
            if (!field.isEmpty()) {
                mark(leaf.terms(ORIGIN_WORDS), word, one);
            }
            if (all == null) {
                all = one;
            } else {
                all.and(one);
            }
        }
        return all;
    }

    /** The text lies within one word, so some word of the chunk must contain it. */
    private static FixedBitSet withPartOfWord(LeafReader leaf, byte[] part) throws IOException {
        FixedBitSet any = new FixedBitSet(leaf.maxDoc());
        Terms terms = leaf.terms(WORDS);
        if (terms == null) {
            return any;
        }
        TermsEnum each = terms.iterator();
        PostingsEnum postings = null;
        for (BytesRef term = each.next(); term != null; term = each.next()) {
            // A word that was cut may have the text in what was cut off.
            if (term.length == Words.MAX_BYTES
                    || Words.contains(
                            term.bytes,
                            term.offset,
                            term.offset + term.length,
                            part,
                            false,
                            false)) {
                postings = each.postings(postings, PostingsEnum.NONE);
                any.or(postings);
            }
        }
        return any;
    }

    private static boolean looksLikeNumberOrTruth(String text) {
        char first = text.charAt(0);
        return (first >= '0' && first <= '9')
                || first == '-'
                || first == '.'
                || first == 'E'
                || first == 'e'
                || "true".contains(text.toLowerCase(java.util.Locale.ROOT))
                || "false".contains(text.toLowerCase(java.util.Locale.ROOT))
                || "infinity".contains(text.toLowerCase(java.util.Locale.ROOT))
                || "nan".contains(text.toLowerCase(java.util.Locale.ROOT));
    }

    private static void mark(Terms terms, byte[] word, FixedBitSet documents) throws IOException {
        if (terms == null) {
            return;
        }
        TermsEnum each = terms.iterator();
        if (each.seekExact(new BytesRef(word))) {
            documents.or(each.postings(null, PostingsEnum.NONE));
        }
    }

    private record StoredChunk(ChunkHead head, LeafReader leaf, int document) implements Chunk {
        @Override
        public int count() {
            return head.count();
        }

        @Override
        public long earliest() {
            return head.earliest();
        }

        @Override
        public long latest() {
            return head.latest();
        }

        @Override
        public long first() {
            return head.first();
        }

        @Override
        public long last() {
            return head.last();
        }

        @Override
        public Origin resource() {
            return head.resource();
        }

        @Override
        public int[] severities() {
            return head.severities();
        }

        @Override
        public Map<Long, int[]> minutes() {
            return head.minutes();
        }

        @Override
        public Rows rows() {
            try {
                BinaryDocValues columns = leaf.getBinaryDocValues(COLUMNS);
                columns.advanceExact(document);
                BytesRef bytes = columns.binaryValue();
                byte[] chunk =
                        java.util.Arrays.copyOfRange(
                                bytes.bytes, bytes.offset, bytes.offset + bytes.length);
                return Columns.decode(chunk, head.resource(), head.scopes());
            } catch (IOException | IllegalStateException e) {
                Damage.found(head, e);
                return Rows.none(head.resource());
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
