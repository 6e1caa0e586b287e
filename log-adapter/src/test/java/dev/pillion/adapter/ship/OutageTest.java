package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.adapter.Said;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** How often the far end's coming and going is said. */
class OutageTest {

    private static final String BEGINS = "WARNING nothing is delivered, the files are the queue: ";
    private static final String ENDS = "INFO delivered again, after ";

    private final Said said = new Said(Outage.class.getName());
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
    private final Outage outage = new Outage(now::get, () -> 7);

    @AfterEach
    void listenNoMore() {
        said.close();
    }

    private void fails(String reason) {
        outage.heard(new Delivery.Retry(reason, -1));
    }

    private void taken() {
        outage.heard(new Delivery.Accepted(0, ""));
    }

    private void later(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void isSaidWhenItBeginsAndWhenItIsOver() {
        taken();
        assertEquals(List.of(), said.lines());
        fails("refused");
        later(Duration.ofMinutes(90));
        fails("refused");
        outage.heard(new Delivery.Refused("400"));
        outage.heard(new Delivery.TooLarge("413"));
        assertEquals(1, said.lines().size(), said::toString);
        assertTrue(said.lines().getFirst().startsWith(BEGINS + "refused ("), said::toString);
        taken();
        taken();
        assertEquals(2, said.lines().size(), said::toString);
        assertEquals(
                ENDS + "5400.0 s; 7 files had been waiting",
                said.lines().getLast(),
                said::toString);
    }

    @Test
    void isSaidWithAnotherReasonOnceAMinute() {
        fails("refused");
        for (int second = 1; second <= 600; second++) {
            later(Duration.ofSeconds(1));
            fails("503, request " + second);
        }
        assertEquals(11, said.of(BEGINS), said::toString);
        assertEquals(11, said.lines().size(), said::toString);
    }

    /** A hundred requests a second for ten minutes, each hundredth of them fails. */
    @Test
    void ofSingleRequestsIsSaidOnceAMinute() {
        for (int request = 0; request < 60_000; request++) {
            if (request % 100 == 0) {
                fails("503");
            } else {
                taken();
            }
            later(Duration.ofMillis(10));
        }
        assertEquals(10, said.of(BEGINS), said::toString);
        assertEquals(10, said.of(ENDS), said::toString);
        assertEquals(20, said.lines().size(), said::toString);
    }

    @Test
    void soonAfterTheLastIsSaidIfItLasts() {
        fails("refused");
        taken();
        later(Duration.ofSeconds(30));
        fails("refused");
        taken();
        later(Duration.ofSeconds(10));
        fails("refused");
        later(Duration.ofSeconds(19));
        fails("refused");
        assertEquals(2, said.lines().size(), said::toString);
        later(Duration.ofSeconds(1));
        fails("refused");
        assertEquals(2, said.of(BEGINS), said::toString);
        taken();
        assertEquals(ENDS + "20.0 s; 7 files had been waiting", said.lines().getLast());
    }

    @Test
    void isSaidOnceByWorkersThatMeetItTogether() throws InterruptedException {
        int workers = 8;
        for (int round = 1; round <= 100; round++) {
            CountDownLatch ready = new CountDownLatch(workers);
            CountDownLatch failed = new CountDownLatch(workers);
            CountDownLatch done = new CountDownLatch(workers);
            for (int i = 0; i < workers; i++) {
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    meet(ready);
                                    fails("refused");
                                    meet(failed);
                                    taken();
                                    done.countDown();
                                });
            }
            done.await();
            assertEquals(round, said.of(BEGINS), said::toString);
            assertEquals(round, said.of(ENDS), said::toString);
            later(Outage.PAUSE);
        }
    }

    private static void meet(CountDownLatch all) {
        all.countDown();
        try {
            all.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
