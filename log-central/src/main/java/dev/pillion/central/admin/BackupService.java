package dev.pillion.central.admin;

import dev.pillion.central.access.Access;
import dev.pillion.central.query.Answers;
import dev.pillion.central.query.Asked;
import dev.pillion.central.query.Queries;
import dev.pillion.central.store.Backup;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import java.util.logging.Logger;

/**
 * {@code GET /api/backup}: everything that was acknowledged up to that moment, as a tar archive,
 * while the service goes on. {@link #restore} makes a data directory of it.
 */
public final class BackupService implements HttpService {

    private static final Logger LOG = Logger.getLogger(BackupService.class.getName());

    private final Source source;
    private final Queries queries;
    private final Access access;
    private final Clock clock;
    private final Semaphore one = new Semaphore(1);

    /** Where the files come from. */
    public interface Source {
        Backup backup() throws IOException, InterruptedException;
    }

    public BackupService(Source source, Queries queries, Access access, Clock clock) {
        this.source = source;
        this.queries = queries;
        this.access = access;
        this.clock = clock;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", queries.handler(access::readingAll, Answers::problem, this::send));
    }

    private long send(Asked asked, ServerResponse response) {
        if (!one.tryAcquire()) {
            response.header(HeaderNames.RETRY_AFTER, "60");
            Answers.problem(response, 429, "another backup is being read", 0);
            return 0;
        }
        try (Backup backup = source.backup()) {
            response.header(HeaderNames.CONTENT_TYPE, "application/x-tar");
            response.header(
                    HeaderNames.CONTENT_DISPOSITION,
                    "attachment; filename=\"log-central-"
                            + clock.instant().toString().substring(0, 19).replace(':', '-')
                            + ".tar\"");
            try (OutputStream out = response.outputStream()) {
                Tar.write(backup.directory(), out);
            }
            LOG.info("a backup was read");
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Answers.problem(response, 503, "log-central is stopping", 0);
            return 0;
        } finally {
            one.release();
        }
    }

    /**
     * Makes a data directory of a backup.
     *
     * @param folder must be empty or absent; stays empty if the archive is not whole
     * @return how many files were written
     */
    public static int restore(InputStream archive, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (var entries = Files.list(folder)) {
            // A volume's own folder is no data.
            if (entries.anyMatch(path -> !path.endsWith("lost+found"))) {
                throw new IOException(folder + " is not empty; restore into an empty folder");
            }
        }
        Path part = Files.createDirectory(folder.resolve("restoring"));
        try {
            int files = Tar.read(archive, part);
            try (var entries = Files.list(part)) {
                for (Path entry : entries.toList()) {
                    Files.move(entry, folder.resolve(entry.getFileName()));
                }
            }
            Files.delete(part);
            return files;
        } catch (IOException e) {
            new Backup(part).close();
            throw e;
        }
    }
}
