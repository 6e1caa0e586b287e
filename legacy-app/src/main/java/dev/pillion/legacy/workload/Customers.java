package dev.pillion.legacy.workload;

import dev.pillion.legacy.desk.Catalogue;
import dev.pillion.legacy.desk.Item;
import dev.pillion.legacy.desk.OrderDesk;
import dev.pillion.legacy.desk.OrderRefused;
import dev.pillion.legacy.desk.OrderRequest;
import dev.pillion.legacy.partner.PartnerUnavailable;
import dev.pillion.legacy.partner.RatesBoard;
import dev.pillion.legacy.store.StoreUnavailable;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The built-in customers: a run is an order. One order in twelve asks for far too much, so that
 * there is a declined payment or an empty shelf to read about.
 */
public final class Customers implements Runnable {

    private static final int GREEDY_ONE_IN = 12;
    private static final int GREEDY_QUANTITY = 40;
    private static final int USUAL_QUANTITY = 4;

    private static final List<String> NAMES =
            List.of(
                    "Ada Brandt",
                    "Bj\u00f6rn Lindqvist",
                    "Caf\u00e9 Meridian",
                    "Delphine Aubert",
                    "Elif Demir",
                    "Frost & Daughters",
                    "Giulia Moretti",
                    "Hotel Seeblick",
                    "Ines Carvalho",
                    "Jonas Weber",
                    "Kaito Mori",
                    "Lena O'Connor",
                    "Museum Canteen",
                    "Noor El-Amin");

    private final OrderDesk desk;
    private final RatesBoard rates;
    private final RandomGenerator random;

    public Customers(OrderDesk desk, RatesBoard rates, RandomGenerator random) {
        this.desk = desk;
        this.rates = rates;
        this.random = random;
    }

    @Override
    @SuppressWarnings("EmptyCatch") // the desk has logged and counted it
    public void run() {
        try {
            desk.place(next());
        } catch (OrderRefused | StoreUnavailable | PartnerUnavailable toldByTheDesk) {
            // customers shrug and come again
        }
    }

    OrderRequest next() {
        Item item = any(Catalogue.ITEMS);
        int quantity =
                random.nextInt(GREEDY_ONE_IN) == 0
                        ? GREEDY_QUANTITY
                        : 1 + random.nextInt(USUAL_QUANTITY);
        List<String> currencies = new ArrayList<>(List.of("EUR", "EUR"));
        rates.reading().rates().ifPresent(known -> currencies.addAll(known.rates().keySet()));
        return new OrderRequest(any(NAMES), item.sku(), quantity, any(currencies));
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
