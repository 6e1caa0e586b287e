package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.settings.ProcessSettings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An ambassador with one route, {@code db}, and whatever keys a test gives it. */
final class OneRoute implements AutoCloseable {

    private final Path routes;
    private final Ambassador ambassador;

    /**
     * @param folder new for each
     * @param keys after {@code route.db.}; protocol and listen are there already
     */
    OneRoute(Path folder, Map<String, String> keys) throws IOException {
        Map<String, String> all = new TreeMap<>(keys);
        all.putIfAbsent("protocol", "postgres");
        all.putIfAbsent("listen", "127.0.0.1:0");
        // The first login of a process, in TLS and on a busy machine, has taken 5 s.
        all.putIfAbsent("login-deadline", "20s");
        routes = Files.createTempDirectory(folder, "routes");
        for (Map.Entry<String, String> key : all.entrySet()) {
            change(key.getKey(), key.getValue());
        }
        ambassador =
                new Ambassador(
                        new ProcessSettings(
                                routes,
                                folder.resolve("none"),
                                Duration.ofMillis(100),
                                1,
                                Duration.ofMillis(1),
                                Duration.ofMillis(100),
                                256,
                                Duration.ofSeconds(60),
                                0));
        assertEquals(List.of(), ambassador.start());
    }

    /** Edits a key; what comes of it is seen later. */
    void change(String key, String value) throws IOException {
        Files.writeString(routes.resolve("route.db." + key), value);
    }

    int port() {
        return ambassador.listeners().address("db").orElseThrow().getPort();
    }

    RouteStatistics counts() {
        return ambassador.statistics().of("db");
    }

    /** As a legacy application logs in; the driver says nothing of its own after the login. */
    Connection connect() throws SQLException {
        return connect("assumeMinServerVersion=13", "legacy", "legacy");
    }

    /**
     * @param options as in a JDBC address
     */
    Connection connect(String options, String user, String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + port() + "/orders?socketTimeout=20&" + options,
                user,
                password);
    }

    @Override
    public void close() {
        ambassador.close();
    }
}
