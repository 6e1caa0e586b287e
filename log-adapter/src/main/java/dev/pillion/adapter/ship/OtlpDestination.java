package dev.pillion.adapter.ship;

import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The OTLP sink: encode, post. */
public final class OtlpDestination implements Destination {

    private final OtlpClient client;
    private final OtlpEncoder encoder = new OtlpEncoder();

    public OtlpDestination(OtlpClient client) {
        this.client = client;
    }

    @Override
    public void begin(byte[] resource, long observedNanos, byte[] utf8) {
        encoder.begin(resource, observedNanos, utf8);
    }

    @Override
    public void add(ParsedRecord record, byte[] raw, int from, int to, long position) {
        encoder.add(record, position);
    }

    @Override
    public void lines(byte[] raw, Framer framed, int first, int end, long base) {
        encoder.lines(raw, framed, first, end, base);
    }

    @Override
    public Optional<Totals> known(String id) {
        try {
            return Optional.ofNullable(Reconciliation.ask(client, List.of(id)).get(id));
        } catch (IOException e) {
            return Optional.empty(); // All is sent again then, and known there.
        }
    }

    @Override
    public Delivery send() throws InterruptedException {
        encoder.finish();
        return client.post(encoder.bytes(), encoder.length());
    }

    @Override
    public void close() {
        client.close();
    }
}
