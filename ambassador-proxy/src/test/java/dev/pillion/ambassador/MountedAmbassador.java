package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.settings.ProcessSettings;
import dev.pillion.launcher.mount.MountedDirectory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An ambassador whose ConfigMap and Secret are laid down as kubelet does, with the routes {@code
 * orders-db} and {@code partner} to the {@link Outside}.
 */
final class MountedAmbassador implements AutoCloseable {

    /** Few, and soon: a test of the limits waits for them. */
    static final int HTTP_CONNECTIONS = 4;

    static final Duration HTTP_IDLE = Duration.ofSeconds(1);

    /** Who one is at the server: user, database, whether in TLS. */
    static final String WHO =
            "select current_user || ' ' || current_database() || ' ' || ssl from pg_stat_ssl where"
                    + " pid = pg_backend_pid()";

    /** A test changes them and calls {@link #lay}. */
    final Map<String, String> configMap = new TreeMap<>();

    final Map<String, String> secret = new TreeMap<>();

    private final MountedDirectory routes;
    private final MountedDirectory secrets;
    private Ambassador ambassador;

    /**
     * @param mounts an empty directory
     */
    MountedAmbassador(Path mounts, Outside outside) throws IOException {
        routes = new MountedDirectory(mounts.resolve("routes"), Clock.systemUTC());
        secrets = new MountedDirectory(mounts.resolve("secrets"), Clock.systemUTC());
        configMap.put("route.orders-db.protocol", "postgres");
        configMap.put("route.orders-db.listen", "127.0.0.1:0");
        configMap.put("route.orders-db.upstream", "localhost:" + outside.server().port());
        configMap.put("route.orders-db.database", Outside.OWNER.database());
        configMap.put("route.orders-db.tls", "verify-full");
        configMap.put("route.orders-db.tls.ca", outside.authority().certificatePem());
        configMap.put("route.orders-db.login-deadline", "20s");
        configMap.put("route.partner.protocol", "http");
        configMap.put("route.partner.listen", "127.0.0.1:0");
        configMap.put("route.partner.upstream", "https://localhost:" + outside.partner().port());
        configMap.put("route.partner.tls.ca", outside.authority().certificatePem());
        secret.put("route.orders-db.user", Outside.OWNER.user());
        secret.put("route.orders-db.password", Outside.OWNER.password() + "\n");
        secret.put("route.partner.header.X-API-Key", Outside.KEY + "\n");
        lay();
        restart(Duration.ofMillis(500), Duration.ofSeconds(20));
    }

    /** Ends the one that runs, if one does, and starts another. */
    void restart(Duration drainIdle, Duration drainGrace) throws IOException {
        if (ambassador != null) {
            ambassador.close();
        }
        ambassador = new Ambassador(settings(drainIdle, drainGrace));
        assertEquals(List.of(), ambassador.start());
    }

    ProcessSettings settings(Duration drainIdle, Duration drainGrace) {
        return new ProcessSettings(
                routes.path(),
                secrets.path(),
                Duration.ofMillis(100),
                1,
                drainIdle,
                drainGrace,
                HTTP_CONNECTIONS,
                HTTP_IDLE,
                0);
    }

    /** Lays both mounts down as they are now; what comes of it is seen later. */
    void lay() throws IOException {
        routes.replace(configMap);
        secrets.replace(secret);
    }

    /** Lays both mounts down, and returns when they are in use. */
    void change() throws Exception {
        long before = ambassador.routes().state().generation();
        lay();
        await(() -> ambassador.routes().state().generation() > before);
    }

    Ambassador ambassador() {
        return ambassador;
    }

    InetSocketAddress address(String route) {
        return ambassador.listeners().address(route).orElseThrow();
    }

    RouteStatistics counts(String route) {
        return ambassador.statistics().of(route);
    }

    /** As a legacy application logs in. */
    Connection connect() throws SQLException {
        return connect("");
    }

    /**
     * @param options more of them, each after an ampersand
     */
    Connection connect(String options) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:"
                        + address("orders-db").getPort()
                        + "/orders?sslmode=prefer&ApplicationName=legacy-desk"
                        + options,
                "legacy",
                "legacy");
    }

    /** As a legacy application asks, with a key of its own, which is wrong. */
    static HttpResponse<String> get(InetSocketAddress address, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + address.getPort() + path))
                            .header("X-API-Key", "the application's own, wrong")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** The one value of the one row. */
    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertTrue(result.next());
            return result.getString(1);
        }
    }

    @Override
    public void close() {
        ambassador.close();
    }
}
