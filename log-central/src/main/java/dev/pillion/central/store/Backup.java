package dev.pillion.central.store;

import dev.pillion.central.journal.Journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The store's files as they were at one moment: hard links, so it takes no time and no space, and
 * the store goes on meanwhile. Started on a copy of this folder, a store has all that was
 * acknowledged before.
 *
 * @param directory what is in it; deleted by {@link #close}
 */
public record Backup(Path directory) implements AutoCloseable {

    /** Folders that a crash left behind begin with this. */
    private static final String PREFIX = "backup-";

    private static final long JOURNAL_WITHIN_SECONDS = 30;

    /**
     * Links what is committed, then the journal's files that hold the rest. Sealer's thread, which
     * alone commits: until this returns, what was committed last stays.
     */
    static Backup make(Path store, Days days, GroupCommit requests) throws IOException {
        Backup backup = new Backup(store.resolve(PREFIX + System.nanoTime()));
        try {
            Path indices = Files.createDirectories(backup.directory.resolve("days"));
            for (Map.Entry<Path, List<Path>> day : days.committedFiles().entrySet()) {
                link(day.getValue(), indices.resolve(day.getKey().getFileName()));
            }
            link(List.of(store.resolve(Checkpoint.NAME)), backup.directory);
            link(
                    requests.endedSegments().get(JOURNAL_WITHIN_SECONDS, TimeUnit.SECONDS),
                    backup.directory.resolve("journal"));
            return backup;
        } catch (IOException e) {
            backup.close();
            throw e;
        } catch (InterruptedException e) {
            backup.close();
            Thread.currentThread().interrupt();
            throw new IOException("log-central is stopping", e);
        } catch (ExecutionException | TimeoutException e) {
            backup.close();
            throw new IOException("the journal cannot be backed up: " + e.getMessage(), e);
        }
    }

    private static void link(List<Path> files, Path into) throws IOException {
        Files.createDirectories(into);
        for (Path file : files) {
            try {
                Files.createLink(into.resolve(file.getFileName()), file);
            } catch (NoSuchFileException e) {
                // No checkpoint yet; or a journal file whose records were committed meanwhile.
                if (Files.exists(file)) {
                    throw e;
                }
            }
        }
        Journal.syncDirectory(into);
    }

    /** Deletes what a crash left behind. */
    static void deleteOld(Path store) throws IOException {
        List<Path> old;
        try (var entries = Files.list(store)) {
            old = entries.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList();
        }
        for (Path path : old) {
            new Backup(path).close();
        }
    }

    @Override
    public void close() throws IOException {
        Days.delete(directory);
    }
}
