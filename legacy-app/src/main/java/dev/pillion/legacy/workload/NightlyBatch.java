package dev.pillion.legacy.workload;

import dev.pillion.legacy.desk.Stock;
import dev.pillion.legacy.logging.LogFiles;
import dev.pillion.legacy.store.OrderStore;
import dev.pillion.legacy.store.StoreUnavailable;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Hands paid orders to the carrier, refills the shelves and deletes old orders; writes {@code
 * batch.0.log}. Every fourth run the carrier's gateway hangs up on it, and the next run ships what
 * was left. Called by one ticker.
 */
public final class NightlyBatch implements Runnable {

    private static final Logger BATCH = Logger.getLogger(LogFiles.BATCH);

    /** An order is shipped when it is this old. */
    static final Duration PAID_FOR = Duration.ofSeconds(20);

    static final int SHIPPED_AT_ONCE = 500;
    static final int ORDERS_KEPT = 10_000;
    static final int STUMBLES_EACH = 4;

    /** The batch could not finish; the next one takes up what it left. */
    static final class Stumbled extends Exception {
        Stumbled(String message, IOException cause) {
            super(message, cause);
        }
    }

    private final OrderStore store;
    private final Stock stock;
    private final Clock clock;
    private int run;

    public NightlyBatch(OrderStore store, Stock stock) {
        this(store, stock, Clock.systemUTC());
    }

    NightlyBatch(OrderStore store, Stock stock, Clock clock) {
        this.store = store;
        this.stock = stock;
        this.clock = clock;
    }

    @Override
    public void run() {
        run++;
        BATCH.info("Batch " + run + " starts");
        try {
            BATCH.info(stock.refill() + " shelves refilled");
            ship();
            int deleted = store.keepNewest(ORDERS_KEPT);
            if (deleted > 0) {
                BATCH.info(deleted + " old orders deleted");
            }
            BATCH.info("Batch " + run + " done");
        } catch (StoreUnavailable e) {
            BATCH.warning("Batch " + run + " given up: " + e.getMessage());
        } catch (Stumbled e) {
            BATCH.log(Level.SEVERE, "Batch " + run + " stumbled, its orders wait for the next", e);
        }
    }

    private void ship() throws Stumbled {
        if (run % STUMBLES_EACH == 0) {
            String first =
                    store.newest(1, java.util.Optional.empty()).stream()
                            .map(order -> order.number())
                            .findFirst()
                            .orElse("none");
            throw new Stumbled(
                    "manifest " + run + " not accepted, newest order " + first,
                    new IOException("carrier gateway closed the connection after 3 of 12 pages"));
        }
        List<String> shipped = store.ship(clock.instant().minus(PAID_FOR), SHIPPED_AT_ONCE);
        BATCH.info(shipped.size() + " orders handed to the carrier");
        for (String number : shipped) {
            BATCH.log(Level.FINE, "Order {0} shipped", number);
        }
    }
}
