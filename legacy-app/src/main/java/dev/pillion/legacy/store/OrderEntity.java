package dev.pillion.legacy.store;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import java.math.BigDecimal;
import java.time.Instant;

/** A row of the table {@code orders}; {@code schema.sql} is its definition. */
@Entity(name = "OrderRow")
@Table(name = "orders")
class OrderEntity {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    @SuppressWarnings("UnusedVariable") // the database's, kept by the provider
    private Long id;

    @Column(name = "number")
    private String number;

    private String customer;
    private String sku;
    private int quantity;

    @Column(name = "total_eur")
    private BigDecimal totalEur;

    private String currency;
    private BigDecimal total;

    @Enumerated(EnumType.STRING)
    private OrderState state;

    @Column(name = "placed_at")
    private Instant placedAt;

    protected OrderEntity() {}

    OrderEntity(Order order) {
        number = order.number();
        customer = order.customer();
        sku = order.sku();
        quantity = order.quantity();
        totalEur = order.totalEur();
        currency = order.currency();
        total = order.total();
        state = order.state();
        placedAt = order.placedAt();
    }

    void shipped() {
        state = OrderState.SHIPPED;
    }

    Order order() {
        return new Order(
                number, customer, sku, quantity, totalEur, currency, total, state, placedAt);
    }
}
