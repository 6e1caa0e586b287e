package dev.pillion.adapter;

import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.ship.Checkpoint;
import dev.pillion.adapter.ship.Counts;
import dev.pillion.adapter.ship.Destination;
import dev.pillion.adapter.ship.OtlpClient;
import dev.pillion.adapter.ship.OtlpDestination;
import dev.pillion.adapter.ship.Outage;
import dev.pillion.adapter.ship.Reconciliation;
import dev.pillion.adapter.ship.Shipper;
import dev.pillion.adapter.ship.TextDestination;
import dev.pillion.adapter.tail.Tailer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Everything between the files and the far end, made and ended in order. Plain Java: the service
 * makes one, and so does each test.
 *
 * @see Tailer the first stage
 */
public final class Adapter implements AutoCloseable {

    private final Settings settings;
    private final Checkpoint checkpoint;
    private final Counts counts = new Counts();
    private final Redactor redactor;
    private final Tailer tailer;
    private final Reconciliation reconciliation;
    private final OutputStream output;

    /**
     * Opens the checkpoint; nothing is read yet.
     *
     * @param resource attributes of every record: who and where the application is
     * @throws IOException if the state folder cannot be used
     */
    public Adapter(Settings settings, Map<String, String> resource) throws IOException {
        this(settings, resource, Clock.systemUTC());
    }

    /**
     * @param clock the time of day; what waits does so by the monotonic clock
     */
    Adapter(Settings settings, Map<String, String> resource, Clock clock) throws IOException {
        this.settings = settings;
        this.checkpoint = new Checkpoint(settings.stateDirectory());
        this.output = output(settings);
        this.redactor = new Redactor(settings.redact());
        this.reconciliation =
                new Reconciliation(
                        new OtlpClient(settings.endpoint()),
                        checkpoint,
                        settings.reconcileInterval());
        Outage outage = new Outage(System::nanoTime, this::waiting);
        this.tailer =
                new Tailer(
                        settings,
                        checkpoint,
                        counts,
                        clock,
                        () ->
                                new Shipper(
                                        settings,
                                        checkpoint,
                                        destination(),
                                        redactor,
                                        counts,
                                        outage,
                                        resource,
                                        clock,
                                        RandomGenerator.getDefault()));
    }

    private static OutputStream output(Settings settings) throws IOException {
        if (settings.exporting() || settings.sink().equals("stdout")) {
            return System.out;
        }
        if (settings.sink().equals("file")) {
            return Files.newOutputStream(
                    settings.filePath(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return OutputStream.nullOutputStream();
    }

    private Destination destination() {
        if (settings.exporting()) {
            return new TextDestination(output, "${line}");
        }
        return switch (settings.sink()) {
            case "stdout", "file" -> new TextDestination(output, settings.fileTemplate());
            default -> new OtlpDestination(new OtlpClient(settings.endpoint()));
        };
    }

    private long waiting() {
        return tailer.waiting();
    }

    /** Begins to read. */
    public void start() {
        tailer.start();
        if (settings.sink().equals("otlp") && !settings.exporting()) {
            reconciliation.start();
        }
    }

    /** Delivers to the end of the files, within the grace time, and ends. */
    public void stop() throws InterruptedException, IOException {
        tailer.drain(settings.grace());
        close();
    }

    /** Ends at once. */
    @Override
    public void close() throws IOException {
        tailer.close();
        reconciliation.close();
        checkpoint.close();
        if (settings.sink().equals("file")) {
            output.close();
        }
    }

    public Settings settings() {
        return settings;
    }

    public Tailer tailer() {
        return tailer;
    }

    /** What the far end has of each file. */
    public Reconciliation reconciliation() {
        return reconciliation;
    }

    public Counts counts() {
        return counts;
    }

    public Redactor redactor() {
        return redactor;
    }

    public Checkpoint checkpoint() {
        return checkpoint;
    }
}
