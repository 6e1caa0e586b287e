package dev.pillion.adapter.tail;

import dev.pillion.adapter.ship.Checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * Reads what was rotated and compressed while nobody looked: the {@code .gz} that unpacks to what
 * was acknowledged of a file that is no more, from there on, and those of the same file that were
 * written after it, oldest first, one at a time. What was read of them is remembered until there is
 * no more of them to read: after a kill each is known by its content. Used by the scan thread
 * alone.
 */
final class Archives implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Archives.class.getName());

    /** More archives than this are not looked into. */
    private static final int LIMIT = 1024;

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Globs globs;
    private final BirthTimes births;
    private final Checkpoint checkpoint;
    private final Lineage lineage;
    private final Collection<TailedFile> files;
    private final Unpacking unpacking = new Unpacking();
    private final Map<Archive.Version, Unpacking.Verdict> verdicts = new HashMap<>();

    /**
     * Those that were there when the folders were first looked at, and nothing was said of yet:
     * files compressed later were read before. Null before that.
     */
    private Set<Archive.Version> there;

    /** Those read to their ends, and files that ended meanwhile: to be forgotten at the end. */
    private final Set<Archive.Version> read = new HashSet<>();

    private final List<String> ended = new ArrayList<>();

    /** Files without a file for a second: a moment ago they may still have been renamed. */
    private Set<String> missed = Set.of();

    private long lookedNanos;

    /**
     * @param files those that are read now, as the scan knows them
     */
    Archives(
            Globs globs,
            BirthTimes births,
            Checkpoint checkpoint,
            Lineage lineage,
            Collection<TailedFile> files) {
        this.globs = globs;
        this.births = births;
        this.checkpoint = checkpoint;
        this.lineage = lineage;
        this.files = files;
    }

    /**
     * Looks once a second at most.
     *
     * @return an archive to be read now; none while one is, as each holds what it unpacked last
     */
    Optional<TailedFile> look(long now) {
        List<Checkpoint.State> unclaimed = lineage.unclaimed();
        if (there == null) {
            there = versions(list());
            missed = ids(unclaimed);
            lookedNanos = now;
        }
        if (unpacking.running()) {
            return Optional.empty();
        }
        Map<Archive.Version, Unpacking.Verdict> news = unpacking.take();
        verdicts.putAll(news);
        Optional<TailedFile> reading = reading();
        if ((news.isEmpty() && now - lookedNanos < PAUSE_NANOS)
                || (reading.isEmpty() && unclaimed.isEmpty())) {
            return Optional.empty();
        }
        lookedNanos = now;
        List<Archive> archives = list();
        if (reading.isPresent()) {
            follow(reading.get(), archives);
            return Optional.empty();
        }
        verdicts.keySet().retainAll(versions(archives));
        return sought(archives, unclaimed) ? Optional.empty() : next(archives, unclaimed);
    }

    private Optional<TailedFile> reading() {
        return files.stream().filter(file -> file.content.settled()).findFirst();
    }

    /** Oldest first. */
    private List<Archive> list() {
        List<Archive> archives = new ArrayList<>();
        for (Path path : globs.archives(LIMIT)) {
            try {
                Archive archive = Archive.at(path);
                if (archive.attributes().isRegularFile()) {
                    archives.add(archive);
                }
            } catch (IOException e) {
                // It went between the listing and the look.
            }
        }
        archives.sort(Comparator.comparing(Archive::modified));
        return archives;
    }

    private static Set<String> ids(List<Checkpoint.State> states) {
        return states.stream().map(Checkpoint.State::id).collect(Collectors.toSet());
    }

    private static Set<Archive.Version> versions(List<Archive> archives) {
        return archives.stream().map(Archive::version).collect(Collectors.toSet());
    }

    /** It may be renamed while it is read. */
    private static void follow(TailedFile reading, List<Archive> archives) {
        Optional<Archive> archive =
                archives.stream()
                        .filter(a -> reading.fileKey.equals(a.version().fileKey()))
                        .findAny();
        archive.ifPresent(found -> reading.path(found.path()));
        if (archive.isEmpty() && reading.failures() > 0) {
            reading.lost = true;
        }
    }

    /** Whether some are unpacked first, to know what they are. */
    private boolean sought(List<Archive> archives, List<Checkpoint.State> unclaimed) {
        Set<String> before = missed;
        missed = ids(unclaimed);
        Set<String> placed = new HashSet<>();
        verdicts.values().forEach(verdict -> verdict.id().ifPresent(placed::add));
        List<Checkpoint.State> sought =
                unclaimed.stream()
                        .filter(s -> before.contains(s.id()) && !placed.contains(s.id()))
                        .toList();
        List<Archive> unknown =
                archives.stream()
                        .filter(
                                archive -> {
                                    Unpacking.Verdict verdict = verdicts.get(archive.version());
                                    return verdict == null
                                            || (verdict.id().isEmpty()
                                                    && !verdict.sought().containsAll(ids(sought)));
                                })
                        .toList();
        if (sought.isEmpty() || unknown.isEmpty()) {
            return !before.containsAll(missed);
        }
        unpacking.begin(unknown, sought);
        return true;
    }

    private Optional<TailedFile> next(List<Archive> archives, List<Checkpoint.State> unclaimed) {
        Map<String, Checkpoint.State> states = new HashMap<>();
        unclaimed.forEach(state -> states.put(state.id(), state));
        Map<Archive, Checkpoint.State> known = known(archives, states);
        for (Archive archive : archives) {
            Unpacking.Verdict verdict = verdicts.get(archive.version());
            if (verdict == null || verdict.size() <= 0 || read.contains(archive.version())) {
                continue;
            }
            Checkpoint.State state = known.get(archive);
            if (state == null
                    ? isNew(archive, verdict, known.keySet())
                    : verdict.size() > state.acked().offset()) {
                return Optional.ofNullable(take(archive, verdict, state));
            }
        }
        archives.stream().filter(known::containsKey).forEach(a -> forget(known.get(a).id()));
        ended.forEach(this::forget);
        ended.clear();
        read.clear();
        sayWhatIsLeftAlone(archives);
        return Optional.empty();
    }

    /**
     * Which of them has what of whom: the oldest, if more than one has it, and none if it is so
     * little that all may begin with it.
     */
    private Map<Archive, Checkpoint.State> known(
            List<Archive> archives, Map<String, Checkpoint.State> states) {
        Map<String, List<Archive>> places = new HashMap<>();
        for (Archive archive : archives) {
            Optional.ofNullable(verdicts.get(archive.version()))
                    .flatMap(Unpacking.Verdict::id)
                    .filter(states::containsKey)
                    .ifPresent(
                            id -> places.computeIfAbsent(id, i -> new ArrayList<>()).add(archive));
        }
        Map<Archive, Checkpoint.State> known = new HashMap<>();
        places.forEach(
                (id, in) -> {
                    if (in.size() == 1 || Lineage.tells(states.get(id))) {
                        known.put(in.getFirst(), states.get(id));
                    }
                });
        return known;
    }

    /**
     * Written and compressed while nobody looked: after one that is known, and unlike all files.
     */
    private boolean isNew(Archive archive, Unpacking.Verdict verdict, Set<Archive> known) {
        return verdict.id().isEmpty()
                && there.contains(archive.version())
                && known.stream().anyMatch(archive::follows)
                && !hasFile(verdict);
    }

    /** Whether a file that is read has become this archive: for a moment there are both. */
    private boolean hasFile(Unpacking.Verdict verdict) {
        return files.stream().anyMatch(file -> isOf(verdict, file));
    }

    private static boolean isOf(Unpacking.Verdict verdict, TailedFile file) {
        try {
            return file.size == verdict.size() && file.content.look(verdict.end()::holds);
        } catch (IOException e) {
            return false;
        }
    }

    /** Null if it went meanwhile. */
    private TailedFile take(
            Archive archive, Unpacking.Verdict verdict, Checkpoint.State stateOrNull) {
        GzipContent content = new GzipContent(archive, verdict.size());
        TailedFile file =
                new TailedFile(
                        archive.attributes().fileKey(),
                        births.key(archive.path(), archive.attributes()),
                        archive.path(),
                        content);
        try {
            if (stateOrNull != null) {
                lineage.claim(file, stateOrNull);
            }
        } catch (IOException e) {
            content.release();
            return null;
        }
        file.size(verdict.size(), System.nanoTime());
        file.modified = archive.modified().toInstant();
        LOG.log(
                Level.INFO,
                "{0}: was compressed while nobody looked; read from byte {1}",
                new Object[] {archive.path(), file.acked().offset()});
        return file;
    }

    /** Whether there are archives to be read still, or it is being found out. */
    boolean catchingUp() {
        return unpacking.begun() || reading().isPresent() || !read.isEmpty();
    }

    /**
     * A file came to its end.
     *
     * @return whether it is to be remembered for now, so that its archive is known
     */
    boolean ended(TailedFile file) {
        if (!catchingUp() && !file.content.settled()) {
            return false;
        }
        if (file.content.settled()) {
            lookedNanos -= PAUSE_NANOS; // for the next one
            for (Map.Entry<Archive.Version, Unpacking.Verdict> known : verdicts.entrySet()) {
                if (known.getKey().fileKey().equals(file.fileKey)) {
                    read.add(known.getKey());
                    if (!file.id().isEmpty()) {
                        known.setValue(known.getValue().of(file.id()));
                    }
                }
            }
        } else if (!file.id().isEmpty()) {
            ended.add(file.id());
        }
        return true;
    }

    private void forget(String id) {
        lineage.forget(id);
        lineage.changed();
    }

    /** Each once. */
    private void sayWhatIsLeftAlone(List<Archive> archives) {
        for (Archive archive : archives) {
            Unpacking.Verdict verdict = verdicts.get(archive.version());
            if (verdict == null
                    || verdict.id().isPresent()
                    || archive.modified().toInstant().isBefore(checkpoint.lastWritten())
                    || hasFile(verdict)
                    || !there.remove(archive.version())) {
                continue;
            }
            if (verdict.size() < 0) {
                LOG.log(
                        Level.WARNING,
                        "{0}: cannot be unpacked, and is left alone; if it can be mended, unpack it"
                                + " in its folder, and it is read",
                        archive.path());
            } else {
                LOG.log(
                        Level.WARNING,
                        "{0}: was compressed while nobody looked, and nothing tells where it"
                                + " belongs; if it is to be read, unpack it in its folder",
                        archive.path());
            }
        }
    }

    @Override
    public void close() {
        unpacking.close();
    }
}
