package dev.pillion.legacy.desk;

import dev.pillion.legacy.partner.RatesBoard;
import dev.pillion.legacy.store.Order;
import dev.pillion.legacy.store.OrderState;
import dev.pillion.legacy.store.OrderStore;
import dev.pillion.legacy.store.StoreUnavailable;

import org.apache.logging.log4j.CloseableThreadContext;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes orders: price, shelf, payment, database. Safe for all threads; works on the caller's.
 *
 * @see OrderStore where orders are kept
 */
public final class OrderDesk {

    private static final Logger LOG = LogManager.getLogger(OrderDesk.class);
    private static final Logger EVENTS = LogManager.getLogger("events");

    private final OrderStore store;
    private final Stock stock;
    private final PaymentTerminal terminal;
    private final RatesBoard rates;
    private final OrderNumbers numbers;
    private final Outcomes outcomes;
    private final Clock clock;

    /** Whether the last order met no database: the trace is logged once an outage. */
    private final AtomicBoolean storeDown = new AtomicBoolean();

    public OrderDesk(
            OrderStore store,
            Stock stock,
            PaymentTerminal terminal,
            RatesBoard rates,
            OrderNumbers numbers,
            Outcomes outcomes,
            Clock clock) {
        this.store = store;
        this.stock = stock;
        this.terminal = terminal;
        this.rates = rates;
        this.numbers = numbers;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /**
     * Takes an order that has no {@linkplain OrderRequest#mistakes mistakes}.
     *
     * @return the order as it is stored
     * @throws OrderRefused if the shelf is too empty or the payment declined; stored as such
     * @throws StoreUnavailable if it cannot be stored; nothing is reserved then
     * @throws dev.pillion.legacy.partner.PartnerUnavailable if its currency has no known rate
     */
    public Order place(OrderRequest request) throws OrderRefused {
        BigDecimal rate = rates.rate(request.currency());
        Item item = Catalogue.item(request.sku()).orElseThrow();
        BigDecimal totalEur = item.priceEur().multiply(BigDecimal.valueOf(request.quantity()));
        Order order =
                new Order(
                        numbers.next(),
                        request.customer(),
                        request.sku(),
                        request.quantity(),
                        totalEur,
                        request.currency(),
                        totalEur.multiply(rate).setScale(2, RoundingMode.HALF_UP),
                        OrderState.PAID,
                        clock.instant().truncatedTo(ChronoUnit.MICROS));
        try (var _ = fields(order)) {
            reserveAndCharge(order);
            try {
                store.save(order);
            } catch (RuntimeException e) {
                stock.putBack(order.number(), order.sku(), order.quantity());
                throw lost(order, e);
            }
            if (storeDown.getAndSet(false)) {
                LOG.info("The orders database is back");
            }
            outcomes.count("paid");
            EVENTS.info("order.paid");
            LOG.info(
                    "Order {} taken: {} x {} for {} {}",
                    order.number(),
                    order.quantity(),
                    order.sku(),
                    order.currency(),
                    order.total());
        }
        return order;
    }

    private void reserveAndCharge(Order order) throws OrderRefused {
        try {
            stock.reserve(order.number(), order.sku(), order.quantity());
        } catch (Stock.OutOfStock e) {
            throw refused(order, OrderState.OUT_OF_STOCK, e);
        }
        try {
            terminal.charge(order.totalEur());
        } catch (PaymentTerminal.Declined e) {
            stock.putBack(order.number(), order.sku(), order.quantity());
            throw refused(order, OrderState.DECLINED, e);
        }
    }

    private OrderRefused refused(Order order, OrderState state, Exception cause) {
        OrderRefused refused = new OrderRefused(order.number(), state, cause);
        LOG.error("Order {} of {} failed", order.number(), order.customer(), refused);
        EVENTS.error("order.refused", refused);
        outcomes.count(state.name().toLowerCase(Locale.ROOT));
        try {
            store.save(
                    new Order(
                            order.number(),
                            order.customer(),
                            order.sku(),
                            order.quantity(),
                            order.totalEur(),
                            order.currency(),
                            order.total(),
                            state,
                            order.placedAt()));
        } catch (StoreUnavailable e) {
            throw lost(order, e);
        }
        return refused;
    }

    private RuntimeException lost(Order order, RuntimeException cause) {
        outcomes.count("lost");
        EVENTS.error("order.lost");
        if (cause instanceof StoreUnavailable && storeDown.getAndSet(true)) {
            LOG.error("Order {} not stored: {}", order.number(), cause.getMessage());
        } else {
            LOG.error("Order {} not stored", order.number(), cause);
        }
        return cause;
    }

    private static CloseableThreadContext.Instance fields(Order order) {
        return CloseableThreadContext.put("order.number", order.number())
                .put("order.customer", order.customer())
                .put("order.sku", order.sku())
                .put("order.quantity", Integer.toString(order.quantity()))
                .put("order.total_eur", order.totalEur().toPlainString());
    }
}
