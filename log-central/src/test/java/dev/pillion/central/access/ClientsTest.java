package dev.pillion.central.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicLong;

class ClientsTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void letsEachClientDoWhatItMayInASecond() {
        AtomicLong now = new AtomicLong();
        Clients clients = new Clients(10, now::get);
        for (int i = 0; i < 20; i++) {
            assertEquals(0, clients.waitSeconds("a"), "two seconds' worth may come at once: " + i);
            clients.did("a", 1);
        }
        assertEquals(1, clients.waitSeconds("a"));
        assertEquals(0, clients.waitSeconds("b"));
        now.addAndGet(SECOND / 2);
        assertEquals(0, clients.waitSeconds("a"));
    }

    @Test
    void saysHowLongOneWaitsWhoTookMuchAtOnce() {
        AtomicLong now = new AtomicLong();
        Clients clients = new Clients(10, now::get);
        clients.did("a", 70);
        assertEquals(5, clients.waitSeconds("a"));
        now.addAndGet(5 * SECOND);
        assertEquals(1, clients.waitSeconds("a"));
        now.addAndGet(1);
        assertEquals(0, clients.waitSeconds("a"));
    }
}
