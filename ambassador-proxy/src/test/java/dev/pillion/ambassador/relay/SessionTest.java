package dev.pillion.ambassador.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.pillion.ambassador.connect.Wire;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Two connections and what goes between them, over real sockets. */
class SessionTest {

    @Test
    void carriesTheEndOfEitherHalfAndTheOtherGoesOn() throws Exception {
        for (boolean clientFirst : new boolean[] {true, false}) {
            try (Relay relay = new Relay(1);
                    Pair client = Pair.open();
                    Pair upstream = Pair.open()) {
                CompletableFuture<Observer.Ending> ended = start(relay, client, upstream);
                Wire first = new Wire((clientFirst ? client : upstream).far());
                Wire other = new Wire((clientFirst ? upstream : client).far());
                first.write("last".getBytes(US_ASCII));
                first.channel().shutdownOutput();
                assertEquals("last", new String(other.read(4), US_ASCII));
                assertEquals(-1, other.peek());
                other.write("and more".getBytes(US_ASCII));
                assertEquals("and more", new String(first.read(8), US_ASCII));
                other.channel().shutdownOutput();
                assertEquals(-1, first.peek());
                assertEquals(
                        clientFirst
                                ? Observer.Ending.CLIENT_CLOSED
                                : Observer.Ending.UPSTREAM_CLOSED,
                        ended.get(10, TimeUnit.SECONDS));
            }
        }
    }

    /** An application that leaves at once, and a server that has followed before anybody looked. */
    @Test
    void knowsWhoEndedFirstWhereBothHave() throws Exception {
        try (Relay relay = new Relay(1);
                Pair client = Pair.open();
                Pair upstream = Pair.open()) {
            client.far().shutdownOutput();
            upstream.far().shutdownOutput();
            assertEquals(
                    Observer.Ending.CLIENT_CLOSED,
                    start(relay, client, upstream).get(10, TimeUnit.SECONDS));
        }
    }

    private static CompletableFuture<Observer.Ending> start(Relay relay, Pair client, Pair upstream)
            throws Exception {
        CompletableFuture<Observer.Ending> ended = new CompletableFuture<>();
        relay.start(
                new Wire(client.near()),
                new Wire(upstream.near()),
                (ending, bytesUp, bytesDown) -> ended.complete(ending),
                Duration.ofMinutes(1));
        return ended;
    }
}
