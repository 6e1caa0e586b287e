package dev.pillion.central.store;

import dev.pillion.central.regex.Needle;

import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Chooses by their words the chunks in which a condition may be true of a record. May choose too
 * many, never too few.
 */
final class Candidates {

    /** Characters of a part of a word for which all words are looked through. */
    private static final int MIN_PART = 3;

    private Candidates() {}

    /** The documents that may match, or null for all. */
    static FixedBitSet of(LeafReader leaf, Condition condition) throws IOException {
        return switch (condition) {
            case Condition.Text text ->
                    text.field().isEmpty()
                            ? withText(leaf, text.text(), text.wordStart(), text.wordEnd())
                            : withWords(
                                    leaf,
                                    text.field(),
                                    text.text(),
                                    Words.needed(text.text(), text.wordStart(), text.wordEnd()));
            case Condition.Regex regex ->
                    regex.field().isEmpty() ? withTexts(leaf, regex.expression().texts()) : null;
            case Condition.Exact exact ->
                    withWords(
                            leaf,
                            exact.field(),
                            exact.value(),
                            Words.needed(exact.value(), true, true));
            case Condition.And and -> {
                FixedBitSet all = null;
                for (Condition part : and.parts()) {
                    FixedBitSet one = of(leaf, part);
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
                    FixedBitSet one = of(leaf, part);
                    if (one == null) {
                        yield null;
                    }
                    any.or(one);
                }
                yield any;
            }
            case Condition.Everything _,
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
            mark(leaf.terms(DayIndex.WORDS), word, one);
            if (!field.isEmpty()) {
                mark(leaf.terms(DayIndex.ORIGIN_WORDS), word, one);
            }
            if (all == null) {
                all = one;
            } else {
                all.and(one);
            }
        }
        return all;
    }

    /** Of a text anywhere: its whole words, or else the longest part of a word in it. */
    private static FixedBitSet withText(
            LeafReader leaf, String text, boolean wordStart, boolean wordEnd) throws IOException {
        List<byte[]> words = Words.needed(text, wordStart, wordEnd);
        if (!words.isEmpty()) {
            return withWords(leaf, "", text, words);
        }
        byte[] part = Words.longestPart(text);
        // A shorter one is in most chunks, and to look for it means to read all words.
        return part.length < MIN_PART ? null : withPartOfWord(leaf, List.of(part));
    }

    /**
     * Of each of the lists a text occurs. Whole words are looked up; if there are none, all words
     * are looked through for the longest parts.
     */
    private static FixedBitSet withTexts(LeafReader leaf, List<List<String>> lists)
            throws IOException {
        FixedBitSet all = null;
        List<byte[]> longest = List.of();
        for (List<String> texts : lists) {
            if (texts.stream().noneMatch(text -> Words.needed(text, false, false).isEmpty())) {
                FixedBitSet any = new FixedBitSet(leaf.maxDoc());
                for (String text : texts) {
                    any.or(withWords(leaf, "", text, Words.needed(text, false, false)));
                }
                if (all == null) {
                    all = any;
                } else {
                    all.and(any);
                }
            } else {
                List<byte[]> parts = texts.stream().map(Words::longestPart).toList();
                longest = shortest(parts) > shortest(longest) ? parts : longest;
            }
        }
        return all != null || shortest(longest) < MIN_PART ? all : withPartOfWord(leaf, longest);
    }

    private static int shortest(List<byte[]> parts) {
        return parts.stream().mapToInt(part -> part.length).min().orElse(0);
    }

    /** One of the texts lies within one word, so some word of the chunk must contain it. */
    private static FixedBitSet withPartOfWord(LeafReader leaf, List<byte[]> parts)
            throws IOException {
        List<Needle> needles = parts.stream().map(Needle::of).toList();
        FixedBitSet any = new FixedBitSet(leaf.maxDoc());
        Terms terms = leaf.terms(DayIndex.WORDS);
        if (terms == null) {
            return any;
        }
        TermsEnum each = terms.iterator();
        PostingsEnum postings = null;
        for (BytesRef term = each.next(); term != null; term = each.next()) {
            // A word that was cut may have the text in what was cut off.
            boolean has = term.length == Words.MAX_BYTES;
            for (int i = 0; i < needles.size() && !has; i++) {
                has = needles.get(i).find(term.bytes, term.offset, term.offset + term.length) >= 0;
            }
            if (has) {
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
                || "true".contains(text.toLowerCase(Locale.ROOT))
                || "false".contains(text.toLowerCase(Locale.ROOT))
                || "infinity".contains(text.toLowerCase(Locale.ROOT))
                || "nan".contains(text.toLowerCase(Locale.ROOT));
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
}
