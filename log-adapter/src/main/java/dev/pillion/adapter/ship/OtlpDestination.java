package dev.pillion.adapter.ship;

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
    public void begin(byte[] resource, byte[] text, int from, int to) {
        encoder.begin(resource);
        if (Utf8.valid(text, from, to)) {
            encoder.trust(text);
        }
    }

    @Override
    public void add(
            ParsedRecord record, byte[] raw, int from, int to, long position, long observedNanos) {
        encoder.add(record, position, observedNanos);
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
