package dev.pillion.legacy.store;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceConfiguration;
import jakarta.persistence.PersistenceException;

import org.hibernate.jpa.HibernatePersistenceConfiguration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import javax.sql.DataSource;

/**
 * Keeps the orders. Safe for all threads; each method is one transaction on the caller's thread and
 * throws {@link StoreUnavailable} when the database cannot be had.
 */
public final class OrderStore implements AutoCloseable {

    /** PostgreSQL's SQLSTATEs (appendix A of its manual). */
    private static final String UNDEFINED_TABLE = "42P01";

    private static final String DUPLICATE_TABLE = "42P07";
    private static final String UNIQUE_VIOLATION = "23505";

    /** Classes of SQLSTATE that say the database cannot be had, rather than: we are wrong. */
    private static final List<String> UNAVAILABLE =
            List.of(
                    "08", // connection exception
                    "28", // invalid authorization
                    "3D", // no such database
                    "53", // insufficient resources
                    "57", // shut down, starting up, cancelled
                    "58" // system error
                    );

    private final DataSource dataSource;
    private final EntityManagerFactory entities;
    private final String schema;
    private volatile boolean tableSeen;
    private volatile boolean reachable;

    /** Makes the persistence unit; the database need not be there. */
    public OrderStore(DataSource dataSource) {
        this.dataSource = dataSource;
        schema = resource("/schema.sql");
        PersistenceConfiguration unit =
                new HibernatePersistenceConfiguration("orders")
                        .managedClass(OrderEntity.class)
                        .property("hibernate.connection.datasource", dataSource)
                        // What Hibernate would ask the database at start, said here instead.
                        .property("hibernate.boot.allow_jdbc_metadata_access", false)
                        .property("jakarta.persistence.database-product-name", "PostgreSQL")
                        .property("jakarta.persistence.database-major-version", 15)
                        .property("hibernate.connection.provider_disables_autocommit", true)
                        .property("hibernate.jdbc.time_zone", "UTC")
                        .property("jakarta.persistence.validation.mode", "NONE");
        entities = unit.createEntityManagerFactory();
    }

    /** Stores a new order. */
    public void save(Order order) {
        inTransaction(
                entity -> {
                    entity.persist(new OrderEntity(order));
                    return order;
                });
    }

    /** Returns the newest orders, newest first; of one state, if it is given. */
    public List<Order> newest(int limit, Optional<OrderState> state) {
        String where = state.isPresent() ? " where o.state = :state" : "";
        return inTransaction(
                entity -> {
                    var query =
                            entity.createQuery(
                                            "select o from OrderRow o"
                                                    + where
                                                    + " order by o.id desc",
                                            OrderEntity.class)
                                    .setMaxResults(limit);
                    state.ifPresent(s -> query.setParameter("state", s));
                    return query.getResultStream().map(OrderEntity::order).toList();
                });
    }

    /** Returns the order of that number. */
    public Optional<Order> find(String number) {
        return inTransaction(
                entity ->
                        entity.createQuery(
                                        "select o from OrderRow o where o.number = :number",
                                        OrderEntity.class)
                                .setParameter("number", number)
                                .getResultStream()
                                .map(OrderEntity::order)
                                .findFirst());
    }

    /** Returns how many orders there are of each state; a state without orders has 0. */
    public Map<OrderState, Long> counts() {
        return inTransaction(
                entity -> {
                    Map<OrderState, Long> counts = new EnumMap<>(OrderState.class);
                    Arrays.stream(OrderState.values()).forEach(state -> counts.put(state, 0L));
                    entity.createQuery(
                                    "select o.state, count(o) from OrderRow o group by o.state",
                                    Object[].class)
                            .getResultStream()
                            .forEach(row -> counts.put((OrderState) row[0], (Long) row[1]));
                    return counts;
                });
    }

    /**
     * Marks the oldest paid orders as shipped.
     *
     * @param before only orders placed before this
     * @param limit at most so many
     * @return their numbers, oldest first
     */
    public List<String> ship(Instant before, int limit) {
        return inTransaction(
                entity ->
                        entity.createQuery(
                                        "select o from OrderRow o where o.state = :paid"
                                                + " and o.placedAt < :before order by o.id",
                                        OrderEntity.class)
                                .setParameter("paid", OrderState.PAID)
                                .setParameter("before", before)
                                .setMaxResults(limit)
                                .getResultStream()
                                .peek(OrderEntity::shipped)
                                .map(row -> row.order().number())
                                .toList());
    }

    /**
     * Deletes all but the newest orders.
     *
     * @return how many were deleted
     */
    public int keepNewest(int kept) {
        return inTransaction(
                entity ->
                        entity.createQuery(
                                        "delete from OrderRow o where o.id <="
                                                + " (select max(n.id) from OrderRow n) - :kept")
                                .setParameter("kept", (long) kept)
                                .executeUpdate());
    }

    /** Returns whether the last transaction reached the database; asks nothing. */
    public boolean reachable() {
        return reachable;
    }

    private <T> T inTransaction(Function<EntityManager, T> work) {
        try {
            T result = attempts(work);
            reachable = true;
            return result;
        } catch (PersistenceException | SQLException e) {
            if (e instanceof PersistenceException bug && !unavailable(e)) {
                throw bug;
            }
            reachable = false;
            throw new StoreUnavailable("the orders database cannot be reached", e);
        }
    }

    private <T> T attempts(Function<EntityManager, T> work) throws SQLException {
        makeTable();
        try {
            return entities.callInTransaction(work);
        } catch (PersistenceException e) {
            if (!sqlState(e).equals(UNDEFINED_TABLE)) {
                throw e;
            }
            tableSeen = false; // another database than a moment ago
            makeTable();
            return entities.callInTransaction(work);
        }
    }

    private void makeTable() throws SQLException {
        if (tableSeen) {
            return;
        }
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            try {
                statement.execute(schema);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                // Two that create it at once: one of them is told so, and the table is there.
                if (!List.of(DUPLICATE_TABLE, UNIQUE_VIOLATION).contains(sqlState(e))) {
                    throw e;
                }
            }
        }
        tableSeen = true;
    }

    private static boolean unavailable(Throwable failed) {
        String state = sqlState(failed);
        if (!state.isEmpty()) {
            return UNAVAILABLE.contains(state.substring(0, 2));
        }
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException) {
                return true; // the pool's own: no connection in time
            }
        }
        return false;
    }

    /** Returns the SQLSTATE of the first SQLException that has one; empty if none has. */
    private static String sqlState(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().length() == 5) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    private static String resource(String name) {
        try (InputStream text = OrderStore.class.getResourceAsStream(name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        entities.close();
    }
}
