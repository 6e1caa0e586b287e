package dev.pillion.legacy.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import java.time.Duration;

import javax.sql.DataSource;

/** The pooled DataSource. Made once, closed last; safe for all threads. */
public final class ConnectionPool implements AutoCloseable {

    private static final String URL = "jdbc:postgresql://localhost:15432/orders";
    private static final String USER = "legacy";
    private static final String PASSWORD = "legacy";

    private static final int CONNECTIONS = 5;

    /** How long a caller waits for a connection of the pool. */
    private static final Duration WAIT_FOR_CONNECTION = Duration.ofSeconds(2);

    /** How long TCP's handshake, and then each answer of the database, may take. */
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** A connection is given up after this: what Hikari allows at least. */
    private static final Duration LIFETIME = Duration.ofSeconds(30);

    private final HikariDataSource dataSource;

    ConnectionPool(String url, String user, String password) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("orders-pool");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.addDataSourceProperty("ApplicationName", "order-desk");
        config.addDataSourceProperty("connectTimeout", seconds(CONNECT));
        config.addDataSourceProperty("socketTimeout", seconds(ANSWER));
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.setAutoCommit(false);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(WAIT_FOR_CONNECTION.toMillis());
        config.setValidationTimeout(CONNECT.toMillis() / 2);
        config.setMaxLifetime(LIFETIME.toMillis());
        config.setKeepaliveTime(0); // nothing lives long enough to need it
        config.setIdleTimeout(LIFETIME.dividedBy(2).toMillis());
        config.setInitializationFailTimeout(-1); // start, whether or not the database is there
        dataSource = new HikariDataSource(config);
    }

    /** Opens the pool of the one database this application knows. */
    public static ConnectionPool compiledIn() {
        return new ConnectionPool(URL, USER, PASSWORD);
    }

    /** As text: the driver reads its settings as text and overlooks every other type. */
    private static String seconds(Duration duration) {
        return Long.toString(duration.toSeconds());
    }

    /** Returns the connections; auto-commit is off. */
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
