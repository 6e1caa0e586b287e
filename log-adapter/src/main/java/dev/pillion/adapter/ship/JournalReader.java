package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framing;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Reads back what {@link JournalLine} wrote. A line cut off at the end is what a crash leaves and
 * is dropped. A line broken in the middle is corruption: it is passed over, as each line vouches
 * for itself.
 */
final class JournalReader {

    /** What a line tells. */
    sealed interface Entry {

        /**
         * How far a file is.
         *
         * @param note a batch under way, or null
         * @param totals what was acknowledged of it; empty where it is what was told before
         */
        record Place(String id, String key, Mark acked, Note note, Optional<Totals> totals)
                implements Entry {}

        /** Bytes were lost. */
        record Lost(Gap gap) implements Entry {}

        /** The loss was told. */
        record Told(String id) implements Entry {}

        /** The file is no more. */
        record Gone(String id) implements Entry {}
    }

    private final byte[] journal;
    private int at;
    private int corruptAt = -1;

    JournalReader(byte[] journal) {
        this.journal = journal;
    }

    /** The next line that is whole; empty at the end. */
    Optional<Entry> next() {
        while (true) {
            int from = at;
            int end = from;
            while (end < journal.length && journal[end] != '\n') {
                end++;
            }
            if (end == journal.length) {
                return Optional.empty(); // cut off by a crash, or the end
            }
            at = end + 1;
            Optional<Entry> entry = entry(from, end);
            if (entry.isPresent()) {
                return entry;
            }
            if (at == journal.length) {
                return entry; // likewise: the last sector was not written
            }
            if (corruptAt < 0) {
                corruptAt = from;
            }
        }
    }

    /** Where the first broken line begins; -1 if there was none so far. */
    int corruptAt() {
        return corruptAt;
    }

    private Optional<Entry> entry(int from, int to) {
        int text = from + JournalLine.SUM_BYTES;
        if (text >= to) {
            return Optional.empty();
        }
        CRC32 crc = new CRC32();
        crc.update(journal, text, to - text);
        String sum = new String(journal, from, text - from, StandardCharsets.US_ASCII);
        if (!sum.equals(JournalLine.sum(crc) + " ")) {
            return Optional.empty();
        }
        String[] words =
                new String(journal, text, to - text, StandardCharsets.UTF_8).split(" ", -1);
        try {
            return switch (words[0]) {
                case "gone" -> Optional.of(new Entry.Gone(words[1]));
                case "told" -> Optional.of(new Entry.Told(words[1]));
                case "gap" -> Optional.of(new Entry.Lost(gap(words)));
                case "note" ->
                        Optional.of(
                                new Entry.Place(
                                        words[1],
                                        words[2],
                                        mark(words, 3),
                                        note(words),
                                        Optional.empty()));
                case "ack" ->
                        Optional.of(
                                new Entry.Place(
                                        words[1], words[2], mark(words, 3), null, totals(words)));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty(); // no number; no path of this system
        }
    }

    private static Mark mark(String[] words, int first) {
        return new Mark(
                Long.parseLong(words[first]),
                Integer.parseInt(words[first + 1]),
                Long.parseUnsignedLong(words[first + 2], 16));
    }

    private static Optional<Totals> totals(String[] words) {
        return words.length > 7
                ? Optional.of(new Totals(Long.parseLong(words[6]), Long.parseLong(words[7])))
                : Optional.empty();
    }

    private static Gap gap(String[] words) {
        Path path = Path.of(String.join(" ", List.of(words).subList(4, words.length)));
        return new Gap(words[1], path, Long.parseLong(words[2]), Long.parseLong(words[3]));
    }

    private static Note note(String[] words) {
        Mark end = mark(words, 7);
        return new Note(Long.parseLong(words[6]), end.offset(), framing(words[10]), end);
    }

    private static Framing framing(String word) {
        if (word.startsWith(JournalLine.LINES)) {
            byte[] bits = HexFormat.of().parseHex(word.substring(JournalLine.LINES.length()));
            return new Framing.Lines(BitSet.valueOf(bits));
        }
        String[] distances = word.split(",", 0);
        int[] starts = new int[distances.length];
        int last = 0;
        for (int i = 0; i < distances.length; i++) {
            last += Integer.parseInt(distances[i], 36);
            starts[i] = last;
        }
        return new Framing.Places(starts);
    }
}
