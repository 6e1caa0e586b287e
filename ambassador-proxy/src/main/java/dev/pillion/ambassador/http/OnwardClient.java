package dev.pillion.ambassador.http;

import dev.pillion.ambassador.connect.ConnectFailure;

import java.net.http.HttpClient;

/**
 * The HTTP client of one route's TLS and connect timeout, with its connections. Made by the first
 * request that enters, as it would be a twentieth of a start's work; once it is retired the last
 * that leaves shuts it down. Who comes later still, with a target read just before, gets one of its
 * own. Thread-safe.
 */
final class OnwardClient {

    /** Makes the client. */
    @FunctionalInterface
    interface Maker {
        /**
         * @throws ConnectFailure of kind TLS if the authority cannot be used
         */
        HttpClient make() throws ConnectFailure;
    }

    private final Maker maker;
    private HttpClient client;
    private int users;
    private boolean retired;

    OnwardClient(Maker maker) {
        this.maker = maker;
    }

    /**
     * @return usable until {@link #leave}, which whoever entered calls once
     * @throws ConnectFailure of kind TLS if the authority cannot be used; nobody has entered then
     */
    synchronized HttpClient enter() throws ConnectFailure {
        if (client == null) {
            client = maker.make();
        }
        users++;
        return client;
    }

    synchronized void leave() {
        users--;
        endIfUnused();
    }

    /** No new requests are meant for it; those that entered go on. */
    synchronized void retire() {
        retired = true;
        endIfUnused();
    }

    private void endIfUnused() {
        if (retired && users == 0 && client != null) {
            client.shutdown();
            client = null;
        }
    }
}
