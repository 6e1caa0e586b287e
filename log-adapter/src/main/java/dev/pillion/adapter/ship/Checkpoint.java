package dev.pillion.adapter.ship;

import dev.pillion.adapter.ship.JournalReader.Entry;
import dev.pillion.adapter.tail.Gap;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile.Note;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was acknowledged of which file, and what was about to be sent: a journal of lines, each with
 * its CRC, in the state folder. A note is on the disk before its request leaves; an acknowledgement
 * may be lost in a crash, then the noted batch is sent again, framed alike, and the receiver knows
 * it. Thread-safe: one lock.
 *
 * <p>A corrupt journal is kept aside. What can be read of it counts: a file whose last line is
 * broken goes on from the one before, what is sent twice by it is known at the far end. Other files
 * go on where the far end says, or from their start.
 */
public final class Checkpoint implements AutoCloseable {

    private static final String NAME = "checkpoint.journal";

    /** The journal is not written anew below this size. */
    private static final long COMPACT_BYTES = 8L << 20;

    /** So many identities of files that are no more are remembered. */
    private static final int SPENT_LIMIT = 10_000;

    /** So many files are remembered; those longest without a batch go first. */
    private static final int STATES_LIMIT = 20_000;

    /** So many acknowledged places of a file are remembered. */
    private static final int TRAIL_LIMIT = 16;

    /**
     * What is known of one file.
     *
     * @param id its identity
     * @param key its device and inode
     * @param acked how far it is acknowledged
     * @param note a batch under way, or null
     * @param trail the last places that were acknowledged before, oldest first
     * @param totals what was acknowledged of it since it is known
     */
    public record State(
            String id, String key, Mark acked, Note note, List<Mark> trail, Totals totals) {

        private State at(Mark mark) {
            return new State(id, key, mark, null, List.of(), totals);
        }
    }

    private final Path folder;
    private final Map<String, State> states = new LinkedHashMap<>();

    /** Identities of files that are no more: never given to another file. */
    private final Set<String> spent = new LinkedHashSet<>();

    private final Map<String, Gap> gaps = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();
    private final boolean begunAnew;
    private final Instant lastWritten;
    private final JournalLine line = new JournalLine();
    private FileChannel journal;

    /** Whether the journal lacks what is known here: it is written anew before the next note. */
    private boolean behind;

    /**
     * At this size it is written anew with what still counts: twice what that was the last time, so
     * that what counts, however much, is not written again with each line.
     */
    private long compactAtBytes;

    /**
     * Opens the journal and reads what is there.
     *
     * @throws IOException if the folder cannot be read or written
     */
    public Checkpoint(Path folder) throws IOException {
        this.folder = folder;
        Path file = folder.resolve(NAME);
        boolean found = Files.exists(file) && Files.size(file) > 0;
        lastWritten = found ? Files.getLastModifiedTime(file).toInstant() : Instant.MAX;
        if (found) {
            load(file);
        }
        begunAnew = !found || !remarks.isEmpty();
        compact();
    }

    /** What is worth saying of the state that was found: empty if all was well. */
    public synchronized List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** When something was last remembered before the start; never, as it were, if nothing was. */
    public Instant lastWritten() {
        return lastWritten;
    }

    /** Every file known. */
    public synchronized List<State> states() {
        return List.copyOf(states.values());
    }

    /** Whether an identity is in use. */
    public synchronized boolean knows(String id) {
        return states.containsKey(id) || spent.contains(id);
    }

    /**
     * Notes a batch and forces it to the disk: what is sent after a crash is framed by it.
     *
     * @throws IOException if it cannot be: nothing may be sent then
     */
    public synchronized void note(String id, String key, Mark acked, Note note) throws IOException {
        sound();
        State before = states.get(id);
        try {
            append(line.note(put(id, key, acked, note, totals(id))));
            journal.force(false);
        } catch (IOException e) {
            states.remove(id);
            if (before != null) {
                states.put(id, before);
            }
            behind = true;
            throw e;
        }
    }

    /**
     * The noted batch was acknowledged; reaches the disk with the next note. A folder that cannot
     * be written to now is no failure: what was delivered is not to be sent again for it.
     */
    public synchronized void acknowledge(
            String id, String key, Mark acked, long records, long last) {
        State state = put(id, key, acked, null, totals(id).plus(records, last));
        try {
            sound();
            append(line.ack(state));
        } catch (IOException e) {
            behind = true; // the next note says so, which cannot be written either
        }
    }

    private Totals totals(String id) {
        State known = states.get(id);
        return known == null ? Totals.NONE : known.totals();
    }

    private State put(String id, String key, Mark acked, Note note, Totals totals) {
        State before = states.remove(id);
        List<Mark> trail = new ArrayList<>();
        if (before != null) {
            trail.addAll(before.trail());
            if (before.acked().offset() > 0 && !before.acked().equals(acked)) {
                trail.add(before.acked());
            }
        }
        State state =
                new State(
                        id,
                        key,
                        acked,
                        note,
                        trail.size() <= TRAIL_LIMIT
                                ? trail
                                : trail.subList(trail.size() - TRAIL_LIMIT, trail.size()),
                        totals);
        states.put(id, state);
        if (states.size() > STATES_LIMIT) {
            states.remove(states.keySet().iterator().next());
        }
        return state;
    }

    /** Bytes were lost: remembered until it was told. */
    public synchronized void gap(Gap gap) throws IOException {
        gaps.put(gap.id(), gap);
        sound();
        append(line.gap(gap));
        journal.force(false);
    }

    /** What was lost and is still to be told. */
    public synchronized List<Gap> gaps() {
        return List.copyOf(gaps.values());
    }

    /** The loss was told, by a record in the place of the last lost byte. */
    public synchronized void told(Gap gap) throws IOException {
        if (gaps.remove(gap.id(), gap)) {
            sound();
            append("told " + gap.id());
            State state = states.get(gap.id());
            if (state != null) {
                Totals totals = state.totals().plus(1, gap.end() - 1);
                append(line.ack(put(state.id(), state.key(), state.acked(), null, totals)));
            }
        }
    }

    /**
     * Whether what was acknowledged before is not known here: no journal was found, an empty one
     * (as a crash of the machine may leave it), or a corrupt one.
     */
    public boolean begunAnew() {
        return begunAnew;
    }

    /** A file goes on where the far end says that it is. */
    public synchronized void recover(String id, String key, Mark acked, Totals totals)
            throws IOException {
        sound();
        append(line.ack(put(id, key, acked, null, totals)));
    }

    /** The file is no more. */
    public synchronized void forget(String id) throws IOException {
        if (states.remove(id) != null) {
            spend(id);
            sound();
            append("gone " + id);
        }
    }

    private void spend(String id) {
        spent.add(id);
        if (spent.size() > SPENT_LIMIT) {
            spent.remove(spent.iterator().next());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (journal.isOpen()) {
            journal.force(true);
            journal.close();
        }
    }

    // ---- the journal

    /**
     * Before anything is added: a journal with half a line, or that lacks one, or that has become
     * large, is written anew. Also by notes and losses, as nothing else is added in an outage.
     */
    private void sound() throws IOException {
        if (behind || journal.size() > compactAtBytes) {
            compact();
        }
    }

    private void append(String text) throws IOException {
        append(line.begin(text));
    }

    private void append(JournalLine text) throws IOException {
        append(journal, text);
    }

    private void append(FileChannel to, JournalLine text) throws IOException {
        ByteBuffer buffer = text.sealed();
        try {
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
        } catch (IOException e) {
            // Half a line with others behind it would look like corruption.
            behind = true;
            throw new IOException("the state folder cannot be written: " + e.getMessage(), e);
        }
    }

    private void load(Path file) throws IOException {
        JournalReader reader = new JournalReader(Files.readAllBytes(file));
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            apply(entry.get());
        }
        if (reader.corruptAt() >= 0) {
            Path aside = folder.resolve(NAME + ".corrupt-" + System.currentTimeMillis());
            Files.move(file, aside);
            remarks.add(
                    "the checkpoint is corrupt at byte %d and kept as %s; what can be read of it counts, other files go on where log-central says, or from their start"
                            .formatted(reader.corruptAt(), aside));
        }
    }

    private void apply(Entry entry) {
        switch (entry) {
            case Entry.Place place ->
                    put(
                            place.id(),
                            place.key(),
                            place.acked(),
                            place.note(),
                            place.totals().orElseGet(() -> totals(place.id())));
            case Entry.Lost lost -> gaps.put(lost.gap().id(), lost.gap());
            case Entry.Told told -> gaps.remove(told.id());
            case Entry.Gone gone -> {
                states.remove(gone.id());
                spend(gone.id());
            }
        }
    }

    /** Writes a new journal with what still counts; the old one stays until that is on the disk. */
    private void compact() throws IOException {
        Path path = folder.resolve(NAME + ".new");
        FileChannel fresh = open(path);
        try {
            for (State state : states.values()) {
                for (Mark mark : state.trail()) {
                    append(fresh, line.ack(state.at(mark)));
                }
                append(fresh, line.ack(state));
                if (state.note() != null) {
                    append(fresh, line.note(state));
                }
            }
            for (Gap gap : gaps.values()) {
                append(fresh, line.gap(gap));
            }
            for (String id : spent) {
                append(fresh, line.begin("gone " + id));
            }
            fresh.force(true);
            Files.move(
                    path,
                    folder.resolve(NAME),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            fresh.close();
            Files.deleteIfExists(path);
            throw e;
        }
        if (journal != null) {
            journal.close();
        }
        journal = fresh;
        compactAtBytes = Math.max(COMPACT_BYTES, 2 * fresh.size());
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
        behind = false;
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            return FileChannel.open(
                    path,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("the state folder cannot be written: " + e, e);
        }
    }
}
