package dev.pillion.adapter.crash;

import java.io.IOException;
import java.net.URI;
import java.util.function.Consumer;

/** Where the lines of a cell end up: the stand-in within this process, or log-central itself. */
interface Receiver extends AutoCloseable {

    /**
     * A record as it was kept.
     *
     * @param order grows with its arrival
     */
    record Arrival(String fileId, long position, long order, String body) {}

    /** Where {@code /v1/logs} is posted to. */
    URI endpoint();

    /** How many records of a service it has. */
    int count(String service) throws IOException, InterruptedException;

    /** Whether it has a record, whose first line tells it from all others. */
    boolean has(String service, String body) throws IOException, InterruptedException;

    /** Every record of a service, by the time written in it. */
    void arrivals(String service, Consumer<Arrival> sink) throws IOException, InterruptedException;

    /** Ends at once, requests in hand cut off, and comes back. */
    void kill() throws IOException, InterruptedException;

    @Override
    void close();
}
