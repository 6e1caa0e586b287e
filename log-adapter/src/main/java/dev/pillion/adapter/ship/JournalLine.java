package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framing;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * A line of the checkpoint's journal while it is written: eight hexadecimal digits of CRC-32, a
 * blank, the text, a line feed. Reused from line to line and without an object a number: a
 * gigabyte's notes hold ten million of them. Guarded by its {@link Checkpoint}'s lock.
 */
final class JournalLine {

    /** CRC and blank. */
    static final int SUM_BYTES = 9;

    /** Before the bits of the lines that go on a record, lowest first; no distance begins so. */
    static final String LINES = "lines:";

    /** Of a number in base 36, with its comma. */
    private static final int LONGEST_NUMBER = 7;

    private static final byte[] DIGITS =
            "0123456789abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);
    private static final int BASE = DIGITS.length;

    private byte[] bytes = new byte[1024];
    private int at;

    JournalLine ack(Checkpoint.State state) {
        return place("ack ", state).word(state.totals().records()).word(state.totals().position());
    }

    JournalLine note(Checkpoint.State state) {
        Note note = state.note();
        return place("note ", state)
                .word(note.from())
                .word(note.to())
                .word(note.end().length())
                .hex(note.end().hash())
                .add(" ")
                .framing(note.framing());
    }

    private JournalLine framing(Framing framing) {
        return switch (framing) {
            case Framing.Places places -> distances(places.starts());
            case Framing.Lines lines ->
                    add(LINES).add(HexFormat.of().formatHex(lines.goingOn().toByteArray()));
        };
    }

    JournalLine gap(Gap gap) {
        // A name may have a line feed, a line of the journal may not.
        String path = gap.path().toString().replace('\n', '?');
        return begin("gap ").add(gap.id()).word(gap.end()).word(gap.bytes()).add(" " + path);
    }

    private JournalLine place(String what, Checkpoint.State state) {
        Mark mark = state.acked();
        return begin(what)
                .add(state.id())
                .add(" ")
                .add(state.key().replace(' ', '_'))
                .word(mark.offset())
                .word(mark.length())
                .hex(mark.hash());
    }

    JournalLine begin(String text) {
        at = SUM_BYTES;
        return add(text);
    }

    private JournalLine add(String text) {
        byte[] more = text.getBytes(StandardCharsets.UTF_8);
        room(more.length);
        System.arraycopy(more, 0, bytes, at, more.length);
        at += more.length;
        return this;
    }

    private JournalLine word(long number) {
        return add(" ").add(Long.toString(number));
    }

    private JournalLine hex(long number) {
        return add(" ").add(Long.toHexString(number));
    }

    /** Adds how far each is from the one before, as {@code Integer.toString(number, 36)}. */
    private JournalLine distances(int[] rising) {
        room(rising.length * LONGEST_NUMBER);
        int last = 0;
        for (int next : rising) {
            int distance = next - last;
            last = next;
            if (distance < BASE) {
                bytes[at++] = DIGITS[distance];
            } else if (distance < BASE * BASE) {
                bytes[at++] = DIGITS[distance / BASE];
                bytes[at++] = DIGITS[distance % BASE];
            } else {
                at += longer(distance);
            }
            bytes[at++] = ',';
        }
        return this;
    }

    private int longer(int distance) {
        int length = 0;
        for (int rest = distance; rest > 0; rest /= BASE) {
            length++;
        }
        int rest = distance;
        for (int i = length - 1; i >= 0; i--) {
            bytes[at + i] = DIGITS[rest % BASE];
            rest /= BASE;
        }
        return length;
    }

    /** The whole line; valid until the next is begun. */
    ByteBuffer sealed() {
        CRC32 crc = new CRC32();
        crc.update(bytes, SUM_BYTES, at - SUM_BYTES);
        byte[] sum = sum(crc).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(sum, 0, bytes, 0, sum.length);
        bytes[SUM_BYTES - 1] = ' ';
        room(1);
        bytes[at] = '\n';
        return ByteBuffer.wrap(bytes, 0, at + 1);
    }

    static String sum(CRC32 crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private void room(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
        }
    }
}
