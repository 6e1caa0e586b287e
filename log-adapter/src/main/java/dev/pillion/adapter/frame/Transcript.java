package dev.pillion.adapter.frame;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text of another charset in UTF-8, with the way back to its own offsets: every code unit has the
 * same number of bytes there, so offsets are found by counting. Nothing fails: what is no text
 * becomes U+FFFD. Reused; owned by one thread.
 */
public final class Transcript {

    private static final char REPLACEMENT = 0xFFFD;
    private static final byte[] UTF_8_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final char BYTE_ORDER_MARK = 0xFEFF;
    private static final char SWAPPED_MARK = 0xFFFE;

    private final Charset charset;
    private final boolean wide;

    /** UTF-8 of each byte; empty for UTF-16. */
    private final byte[][] table;

    private byte[] bytes = new byte[0];
    private int length;

    /**
     * @param charset one that {@link #takes} accepts
     */
    public Transcript(Charset charset) {
        this.charset = charset;
        wide = charset.name().startsWith("UTF-16");
        table = wide ? new byte[0][] : table(charset);
    }

    /** UTF-16, and every charset of one byte a character; UTF-8 needs none. */
    static boolean takes(Charset charset) {
        return charset.equals(StandardCharsets.UTF_8)
                || charset.name().startsWith("UTF-16")
                || (charset.canEncode() && charset.newEncoder().maxBytesPerChar() == 1);
    }

    private static byte[][] table(Charset charset) {
        byte[][] table = new byte[256][];
        // Of EBCDIC's two line ends Java takes NL (0x15) for a line feed and LF (0x25) for NEL.
        boolean ebcdic = "A".getBytes(charset)[0] == (byte) 0xC1;
        for (int i = 0; i < 256; i++) {
            String text = new String(new byte[] {(byte) i}, charset);
            table[i] =
                    (ebcdic && text.equals("\u0085") ? "\n" : text)
                            .getBytes(StandardCharsets.UTF_8);
        }
        return table;
    }

    /** How many bytes a code unit has. */
    public int width() {
        return wide ? 2 : 1;
    }

    /**
     * UTF-8 needs no transcript; but a byte order mark is no text.
     *
     * @return {@code bytes}, or a copy that has zeros in the place of a mark
     */
    public static byte[] withoutMark(byte[] bytes, int length) {
        if (length < 3 || !Arrays.equals(bytes, 0, 3, UTF_8_MARK, 0, 3)) {
            return bytes;
        }
        byte[] copy = Arrays.copyOf(bytes, length);
        Arrays.fill(copy, 0, 3, (byte) 0);
        return copy;
    }

    /**
     * Takes whole code units of {@code raw[0, count)}.
     *
     * @param beginning whether these are the file's first bytes: a byte order mark is no text
     * @param begin the file's first two bytes: in UTF-16 without an order of bytes they tell it
     */
    public void read(byte[] raw, int count, boolean beginning, byte[] begin) {
        int most = wide ? count / 2 * 3 : count * 3;
        if (bytes.length < most) {
            bytes = new byte[most];
        }
        length = 0;
        if (wide) {
            units(raw, count, beginning, bigEndian(begin));
            return;
        }
        for (int i = 0; i < count; i++) {
            for (byte b : table[raw[i] & 0xFF]) {
                bytes[length++] = b;
            }
        }
    }

    private boolean bigEndian(byte[] begin) {
        return charset.equals(StandardCharsets.UTF_16BE)
                || (charset.equals(StandardCharsets.UTF_16)
                        && !(begin.length >= 2 && unit(begin, 0, true) == SWAPPED_MARK));
    }

    private void units(byte[] raw, int count, boolean beginning, boolean bigEndian) {
        for (int i = 0; i + 1 < count; i += 2) {
            char unit = unit(raw, i, bigEndian);
            if (beginning && i == 0 && unit == BYTE_ORDER_MARK) {
                put(0); // as before a line's text; still one code unit
            } else if (!Character.isSurrogate(unit)) {
                put(unit);
            } else {
                char next = i + 3 < count ? unit(raw, i + 2, bigEndian) : 0;
                if (Character.isSurrogatePair(unit, next)) {
                    put(Character.toCodePoint(unit, next));
                    i += 2;
                } else {
                    put(REPLACEMENT);
                }
            }
        }
    }

    /** Appends a character in UTF-8. */
    private void put(int point) {
        if (point < 0x80) {
            bytes[length++] = (byte) point;
        } else if (point < 0x800) {
            bytes[length++] = (byte) (0xC0 + (point >> 6));
            follow(point);
        } else if (point < 0x10000) {
            bytes[length++] = (byte) (0xE0 + (point >> 12));
            follow(point >> 6);
            follow(point);
        } else {
            bytes[length++] = (byte) (0xF0 + (point >> 18));
            follow(point >> 12);
            follow(point >> 6);
            follow(point);
        }
    }

    private void follow(int bits) {
        bytes[length++] = (byte) (0x80 + (bits & 0x3F));
    }

    private static char unit(byte[] raw, int at, boolean bigEndian) {
        int first = raw[at] & 0xFF;
        int second = raw[at + 1] & 0xFF;
        return (char) (bigEndian ? (first << 8) + second : (second << 8) + first);
    }

    /** The text in UTF-8, up to {@link #length}. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    /**
     * Turns rising offsets in the UTF-8 text, each where a character starts, to those in the raw.
     */
    public void toRaw(int[] offsets) {
        int at = 0;
        int units = 0;
        for (int i = 0; i < offsets.length; i++) {
            while (at < offsets[i]) {
                units += units(bytes[at++]);
            }
            offsets[i] = units * width();
        }
    }

    /** Turns rising offsets in the raw text to those in the UTF-8 text. */
    public void toUtf8(int[] offsets) {
        int at = 0;
        int units = 0;
        for (int i = 0; i < offsets.length; i++) {
            while (at < length && units * width() < offsets[i]) {
                units += units(bytes[at++]);
            }
            while (at < length && units(bytes[at]) == 0) {
                at++;
            }
            offsets[i] = at;
        }
    }

    /** How many code units begin with this byte of UTF-8: two with the first of four. */
    private static int units(byte b) {
        return (b & 0xC0) == 0x80 ? 0 : (b & 0xF8) == 0xF0 ? 2 : 1;
    }
}
