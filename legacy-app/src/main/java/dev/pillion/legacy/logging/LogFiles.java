package dev.pillion.legacy.logging;

import org.apache.logging.log4j.LogManager;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Opens and closes the log files of this process. Five are Log4j's ({@code log4j2.xml}, rotated by
 * renaming: {@code orders.log}, {@code orders.log.1} …), one is java.util.logging's ({@code
 * batch.0.log} is always the active one, {@code batch.1.log} the one before). Called by main before
 * anything logs, and at the very end.
 */
public final class LogFiles {

    /** The logger of java.util.logging whose records go to {@code batch.0.log}. */
    public static final String BATCH = "dev.pillion.legacy.batch";

    /** A file is rotated when it has this many bytes; {@code log4j2.xml} says the same. */
    static final int ROTATE_AT_BYTES = 1024 * 1024;

    /** Files kept of each dialect: the active one and five older ones. */
    static final int FILES = 6;

    /** Held, because java.util.logging holds its loggers weakly. */
    private static final Logger BATCH_LOGGER = Logger.getLogger(BATCH);

    /** What {@code log4j2.xml} and the setting call the folder. */
    private static final String DIRECTORY = "app.log-directory";

    private LogFiles() {}

    /** The folder cannot be made or written to. */
    public static final class CannotWrite extends Exception {
        CannotWrite(Path directory, IOException cause) {
            super(
                    DIRECTORY
                            + ": '"
                            + directory
                            + "' cannot be written to ("
                            + cause.getClass().getSimpleName()
                            + "); create it for this user or set APP_LOG_DIRECTORY",
                    cause);
        }
    }

    /**
     * Opens Log4j's files in the given folder, which is created if absent.
     *
     * @throws CannotWrite if it cannot be created or written to
     */
    public static void open(Path directory) throws CannotWrite {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".writable", null));
        } catch (IOException e) {
            throw new CannotWrite(directory, e);
        }
        System.setProperty(DIRECTORY, directory.toString());
    }

    /**
     * Opens {@code batch.0.log}. Later than the others: the container configures java.util.logging
     * when it starts, and takes away what was there before.
     */
    public static void openBatch(Path directory) throws IOException {
        openBatch(directory, ROTATE_AT_BYTES);
    }

    static void openBatch(Path directory, int rotateAtBytes) throws IOException {
        String pattern = directory.toString().replace("%", "%%") + "/batch.%g.log";
        var handler = new FileHandler(pattern, rotateAtBytes, FILES, true);
        handler.setFormatter(new SimpleFormatter());
        handler.setLevel(Level.ALL);
        BATCH_LOGGER.setUseParentHandlers(false);
        BATCH_LOGGER.addHandler(handler);
    }

    /** Flushes and closes all files; what is logged after this is lost. */
    public static void close() {
        LogManager.shutdown();
        for (var handler : BATCH_LOGGER.getHandlers()) {
            handler.close();
            BATCH_LOGGER.removeHandler(handler);
        }
    }
}
