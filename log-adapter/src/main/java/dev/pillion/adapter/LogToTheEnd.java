package dev.pillion.adapter;

import io.helidon.common.Weight;
import io.helidon.spi.HelidonShutdownHandler;

import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps the log open until all has ended. {@code java.util.logging} closes its handlers in a
 * shutdown hook of its own, before or after any other begins. This one is closed first, and that
 * takes until the end. Helidon's own guard of this kind waits for a thread that may not have been
 * started, which is no wait.
 */
final class LogToTheEnd extends Handler {

    private final CountDownLatch end = new CountDownLatch(1);

    private LogToTheEnd() {}

    /** To be called once the log is configured: all handlers are put behind this one. */
    static void keep() {
        LogToTheEnd first = new LogToTheEnd();
        io.helidon.Main.addShutdownHandler(new End(first.end));
        Logger root = Logger.getLogger("");
        Handler[] others = root.getHandlers();
        for (Handler other : others) {
            root.removeHandler(other);
        }
        root.addHandler(first);
        for (Handler other : others) {
            root.addHandler(other);
        }
    }

    /** The last of all that Helidon does at the end. */
    @Weight(0)
    private record End(CountDownLatch end) implements HelidonShutdownHandler {
        @Override
        public void shutdown() {
            end.countDown();
        }
    }

    @Override
    public void publish(LogRecord line) {
        // The others do.
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        if (!isEnding()) {
            // The log is configured anew.
            return;
        }
        try {
            end.await();
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isEnding() {
        Thread none = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(none);
            Runtime.getRuntime().removeShutdownHook(none);
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }
}
