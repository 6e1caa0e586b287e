package dev.pillion.central.access;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * The tokens that are valid now. A thread reads their folder every two seconds; files that are
 * wrong, or a folder that has become empty, leave the former tokens valid and are told once.
 */
final class LiveTokens implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(LiveTokens.class.getName());
    private static final long EVERY_MILLIS = 2000;

    private final Path directory;
    private final Thread thread;
    private volatile Tokens current;
    private String told = "";

    LiveTokens(Path directory) throws Tokens.Wrong {
        this.directory = directory;
        this.current = Tokens.read(directory);
        this.thread = Thread.ofPlatform().name("tokens").daemon().start(this::watch);
    }

    Tokens current() {
        return current;
    }

    private void watch() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
                readAgain();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** Only for the thread, and for tests without it. */
    synchronized void readAgain() {
        try {
            Tokens read = Tokens.read(directory);
            if (read.isEmpty() && !current.isEmpty()) {
                tell(List.of(directory + " has no tokens any more"));
            } else if (!read.sameAs(current)) {
                current = read;
                told = "";
                LOG.info(() -> describe(read));
            } else {
                told = "";
            }
        } catch (Tokens.Wrong e) {
            tell(e.mistakes());
        }
    }

    private void tell(List<String> mistakes) {
        String message = String.join("; ", mistakes) + "; the former tokens stay valid";
        if (!message.equals(told)) {
            told = message;
            LOG.warning(message);
        }
    }

    /** What there is, for a person; no secret. */
    static String describe(Tokens tokens) {
        return tokens.isEmpty()
                ? "access without tokens"
                : "access by token: "
                        + tokens.count(Tokens.Purpose.INGEST)
                        + " to send, "
                        + tokens.count(Tokens.Purpose.READ)
                        + " to read";
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
