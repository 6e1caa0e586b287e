package dev.pillion.central.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

    /** Whether the text has nothing in it that would end a word. */
    static boolean isOneWord(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && WORD[c]);
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
                words.add(java.util.Arrays.copyOfRange(bytes, from, Math.min(i, from + MAX_BYTES)));
            }
        }
        return words;
    }

    /** Where the folded text occurs between words' bounds, or -1. */
    static boolean contains(
            byte[] bytes, int from, int to, byte[] folded, boolean wordStart, boolean wordEnd) {
        int length = folded.length;
        if (length == 0) {
            return true;
        }
        byte first = folded[0];
        boolean checkStart = wordStart && isWord(first);
        boolean checkEnd = wordEnd && isWord(folded[length - 1]);
        int last = to - length;
        outer:
        for (int i = from; i <= last; i++) {
            if (FOLD[bytes[i] & 0xFF] != first) {
                continue;
            }
            for (int k = 1; k < length; k++) {
                if (FOLD[bytes[i + k] & 0xFF] != folded[k]) {
                    continue outer;
                }
            }
            if (checkStart && i > from && isWord(bytes[i - 1])) {
                continue;
            }
            if (checkEnd && i + length < to && isWord(bytes[i + length])) {
                continue;
            }
            return true;
        }
        return false;
    }
}
