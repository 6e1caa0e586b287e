package dev.pillion.central.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a word is: a run of ASCII letters, digits and underscores. Characters beyond ASCII bound
 * words, so that “refused” is found in its quotation marks; a text that has such characters itself
 * is compared by Unicode's rules. Words only choose the chunks that are looked into, the record
 * itself decides; so this may be coarse but must never miss.
 */
final class Words {

    /** Longer words are known by their beginning. */
    static final int MAX_BYTES = 48;

    private static final byte[] FOLD = new byte[256];
    private static final boolean[] WORD = new boolean[256];

    static {
        for (int i = 0; i < 256; i++) {
            FOLD[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
            WORD[i] =
                    (i >= '0' && i <= '9')
                            || (i >= 'A' && i <= 'Z')
                            || (i >= 'a' && i <= 'z')
                            || i == '_';
        }
    }

    private Words() {}

    static boolean isWord(byte b) {
        return WORD[b & 0xFF];
    }

    static byte[] fold(String text) {
        return fold(text.getBytes(StandardCharsets.UTF_8));
    }

    /** ASCII letters in lower case, everything else as it is. */
    static byte fold(byte b) {
        return FOLD[b & 0xFF];
    }

    static byte[] fold(byte[] text) {
        byte[] folded = new byte[text.length];
        for (int i = 0; i < text.length; i++) {
            folded[i] = fold(text[i]);
        }
        return folded;
    }

    /** A word that must be among a chunk's words if the text occurs in it. */
    static List<byte[]> needed(String text, boolean wordStart, boolean wordEnd) {
        byte[] bytes = fold(text.getBytes(StandardCharsets.UTF_8));
        List<byte[]> words = new ArrayList<>();
        int i = 0;
        while (i < bytes.length) {
            if (!isWord(bytes[i])) {
                i++;
                continue;
            }
            int from = i;
            while (i < bytes.length && isWord(bytes[i])) {
                i++;
            }
            boolean begins = from > 0 || wordStart;
            boolean ends = i < bytes.length || wordEnd;
            if (begins && ends) {
                words.add(Arrays.copyOfRange(bytes, from, Math.min(i, from + MAX_BYTES)));
            }
        }
        return words;
    }

    /** The longest run of the text's characters that lies within one word, folded. */
    static byte[] longestPart(String text) {
        byte[] bytes = fold(text);
        int from = 0;
        int length = 0;
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || !isWord(bytes[i])) {
                if (i - start > length) {
                    from = start;
                    length = i - start;
                }
                start = i + 1;
            }
        }
        return Arrays.copyOfRange(bytes, from, from + length);
    }
}
