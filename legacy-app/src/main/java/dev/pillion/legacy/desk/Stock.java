package dev.pillion.legacy.desk;

import org.apache.logging.log4j.CloseableThreadContext;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What lies on the shelves, in memory; writes {@code stock.logfmt.log}. Safe for all threads. */
public final class Stock {

    private static final Logger STOCK = LogManager.getLogger("stock");

    /** Not enough pieces are left. */
    public static final class OutOfStock extends Exception {
        OutOfStock(String sku, int wanted, int left) {
            super(wanted + " pieces of " + sku + " wanted, " + left + " left");
        }
    }

    private final List<Item> items;
    private final Map<String, AtomicInteger> shelves = new LinkedHashMap<>();

    public Stock(List<Item> items) {
        this.items = List.copyOf(items);
        items.forEach(item -> shelves.put(item.sku(), new AtomicInteger(item.shelf())));
    }

    /** Returns how many pieces are left. */
    public int left(String sku) {
        return shelves.get(sku).get();
    }

    void reserve(String order, String sku, int quantity) throws OutOfStock {
        int before = shelves.get(sku).getAndUpdate(n -> n >= quantity ? n - quantity : n);
        if (before < quantity) {
            try (var _ = fields(order, sku, quantity, before)) {
                STOCK.warn("shelf too empty, \"{}\" refused", sku);
            }
            throw new OutOfStock(sku, quantity, before);
        }
        try (var _ = fields(order, sku, quantity, before - quantity)) {
            STOCK.info("reserved");
        }
    }

    void putBack(String order, String sku, int quantity) {
        int left = shelves.get(sku).addAndGet(quantity);
        try (var _ = fields(order, sku, quantity, left)) {
            STOCK.info("put back");
        }
    }

    /**
     * Fills every shelf that is less than half full.
     *
     * @return how many shelves that were
     */
    public int refill() {
        int refilled = 0;
        for (Item item : items) {
            int before = shelves.get(item.sku()).getAndUpdate(n -> filled(n, item.shelf()));
            int added = filled(before, item.shelf()) - before;
            if (added > 0) {
                refilled++;
                try (var _ = fields("", item.sku(), added, before + added)) {
                    STOCK.info("refilled from the warehouse");
                }
            }
        }
        return refilled;
    }

    private static int filled(int left, int shelf) {
        return left * 2 < shelf ? shelf : left;
    }

    private static CloseableThreadContext.Instance fields(
            String order, String sku, int quantity, int left) {
        return CloseableThreadContext.put("order", order)
                .put("sku", sku)
                .put("quantity", Integer.toString(quantity))
                .put("left", Integer.toString(left));
    }
}
