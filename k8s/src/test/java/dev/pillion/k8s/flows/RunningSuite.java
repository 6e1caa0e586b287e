package dev.pillion.k8s.flows;

import dev.pillion.launcher.postgres.PostgresServer;
import dev.pillion.launcher.suite.Ports;
import dev.pillion.launcher.suite.Progress;
import dev.pillion.launcher.suite.Suite;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** The suite in a folder of its own, with what a test asks of it. */
final class RunningSuite implements AutoCloseable {

    /** What two suites on one machine cannot both have. */
    static final String COMPILED_IN_PORTS = "the ports that are compiled into the application";

    private final Suite suite;
    private final HttpClient client = HttpClient.newHttpClient();

    private RunningSuite(Suite suite) {
        this.suite = suite;
    }

    /** Starts it below a folder, on free ports where the application leaves a choice. */
    static RunningSuite start(Path folder) throws IOException {
        Suite suite = new Suite(Path.of(".."), folder, Ports.free(), Progress.SILENT);
        try {
            suite.start();
        } catch (IOException e) {
            suite.close();
            throw e;
        }
        return new RunningSuite(suite);
    }

    Suite suite() {
        return suite;
    }

    HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    JsonObject json(int port, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(port, path);
        if (answer.statusCode() != 200) {
            throw new AssertionError(
                    path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return parse(answer.body());
    }

    /** What log-central finds. */
    List<JsonObject> logs(String query) throws IOException, InterruptedException {
        String path = "/api/logs?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        return json(suite.ports().central(), path)
                .getJsonArray("records")
                .getValuesAs(JsonObject.class);
    }

    /** Places an order as the page does. */
    HttpResponse<String> placeOrder(String customer, String sku, int quantity)
            throws IOException, InterruptedException {
        String order =
                Json.createObjectBuilder()
                        .add("customer", customer)
                        .add("sku", sku)
                        .add("quantity", quantity)
                        .build()
                        .toString();
        return client.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://localhost:" + suite.ports().app() + "/api/orders"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(order))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static JsonObject parse(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    /** Asks an upstream database itself, past the ambassador, as its superuser. */
    static List<String> ask(PostgresServer server, Path trusted, String sql, String argument)
            throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", server.superuser().user());
        properties.setProperty("password", server.superuser().password());
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty("sslrootcert", trusted.toString());
        String url =
                "jdbc:postgresql://localhost:" + server.port() + "/" + server.owner().database();
        try (Connection connection = DriverManager.getConnection(url, properties);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, argument);
            List<String> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(row.getString(1));
                }
            }
            return found;
        }
    }

    /** The authority that the upstreams' certificates come from. */
    Path trusted() {
        return suite.routes().resolve("route.orders-db.tls.ca");
    }

    /** Writes a key of the ConfigMap, as {@code kubectl edit} would. */
    void editRoute(String key, String value) throws IOException {
        Files.writeString(suite.routes().resolve(key), value);
    }

    @Override
    public void close() {
        client.shutdownNow();
        suite.close();
    }
}
