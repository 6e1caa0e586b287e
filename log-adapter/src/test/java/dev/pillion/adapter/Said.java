package dev.pillion.adapter;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the adapter says in its log, from now on: level and message. */
public final class Said implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    String text = new SimpleFormatter().formatMessage(record);
                    lines.add(record.getLevel().getName() + " " + text);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    /** Listens to all of the adapter. */
    public Said() {
        this("dev.pillion.adapter");
    }

    public Said(String name) {
        logger = Logger.getLogger(name);
        logger.addHandler(handler);
    }

    /** How many lines have a text. */
    public long of(String text) {
        return lines.stream().filter(line -> line.contains(text)).count();
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
