package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;

import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.BytesRefHash;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The distinct words of a chunk, as one stream of terms. Not thread-safe. */
final class ChunkWords implements Values.Visitor {

    private static final String SEVERITY_TEXT = "severity_text";

    private final BytesRefHash words = new BytesRefHash();
    private final byte[] word = new byte[Words.MAX_BYTES];
    private final BytesRef term = new BytesRef(word, 0, 0);

    /** What people read in the records. */
    static ChunkWords ofRecords(Rows rows, List<Column> columns) {
        ChunkWords words = new ChunkWords();
        for (Column column : columns) {
            if (column.kind.isBytes()) {
                for (int entry = 0; entry < column.entries(); entry++) {
                    column.anywhere(entry, words);
                }
            }
        }
        for (Origin scope : rows.scopes()) {
            Values.scopeName(scope, words);
        }
        return words;
    }

    /** What only a named field finds: the attributes of resource and scopes, severity texts. */
    static ChunkWords ofOrigins(Rows rows, List<Column> columns) {
        ChunkWords words = new ChunkWords();
        Values.ofOrigin(rows.resource(), Otlp.RESOURCE_ATTRIBUTES, null, words);
        for (Origin scope : rows.scopes()) {
            Values.ofOrigin(scope, Otlp.SCOPE_ATTRIBUTES, null, words);
        }
        byte[] name = SEVERITY_TEXT.getBytes(StandardCharsets.UTF_8);
        for (Column column : columns) {
            if (column.mayHold(SEVERITY_TEXT, name)) {
                for (int entry = 0; entry < column.entries(); entry++) {
                    column.named(entry, SEVERITY_TEXT, name, words);
                }
            }
        }
        return words;
    }

    /** The term that stands for a number. */
    static BytesRef term(long number) {
        Bytes bytes = new Bytes(10);
        bytes.varint(number);
        return new BytesRef(bytes.array(), 0, bytes.size());
    }

    void add(long number) {
        words.add(term(number));
    }

    @Override
    public boolean text(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            byte b = bytes[i];
            if (!Words.isWord(b)) {
                i++;
                continue;
            }
            int length = 0;
            while (i < to && Words.isWord(bytes[i])) {
                if (length < Words.MAX_BYTES) {
                    word[length++] = Words.fold(bytes[i]);
                }
                i++;
            }
            term.length = length;
            words.add(term);
        }
        return false;
    }

    @Override
    public boolean whole(long value) {
        return false;
    }

    @Override
    public boolean decimal(double value) {
        return false;
    }

    @Override
    public boolean truth(boolean value) {
        return false;
    }

    int size() {
        return words.size();
    }

    Set<String> all() {
        Set<String> all = new TreeSet<>();
        for (int i = 0; i < words.size(); i++) {
            all.add(words.get(i, new BytesRef()).utf8ToString());
        }
        return all;
    }

    TokenStream stream() {
        return new Stream();
    }

    private final class Stream extends TokenStream {
        private final BytesTermAttribute attribute = addAttribute(BytesTermAttribute.class);
        private int next;

        @Override
        public boolean incrementToken() {
            if (next == words.size()) {
                return false;
            }
            clearAttributes();
            attribute.setBytesRef(words.get(next++, new BytesRef()));
            return true;
        }

        @Override
        public void reset() {
            next = 0;
        }
    }
}
