package dev.pillion.k8s.flows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.Waiting;
import dev.pillion.launcher.postgres.PostgresServer;

import jakarta.json.JsonObject;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One suite for all: it takes seconds to start, as it does for its user. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ResourceLock(RunningSuite.COMPILED_IN_PORTS)
class FlowsIT {

    /** Where the screenshots go that the README shows; looked at by people. */
    private static final Path PICTURES = Path.of("target", "pictures");

    /** An item that the order desk sells. */
    private static final String ITEM = "TEA-ASSAM";

    @TempDir static Path folder;

    private static RunningSuite running;

    @BeforeAll
    static void start() throws IOException {
        running = RunningSuite.start(folder.resolve("up"));
    }

    @AfterAll
    static void stop() {
        if (running != null) {
            running.close();
        }
    }

    @Test
    @Order(1)
    void anOrderReachesTheUpstreamDatabaseUnderTheUpstreamsUser() throws Exception {
        String customer = customer();
        HttpResponse<String> placed = running.placeOrder(customer, ITEM, 1);
        assertEquals(201, placed.statusCode(), placed.body());
        PostgresServer upstream = running.suite().ordersDb();
        assertEquals(
                List.of(number(placed)),
                ask(upstream, "select number from orders where customer = ?", customer));
        assertEquals(
                List.of("orders_owner"),
                ask(upstream, "select tableowner from pg_tables where tablename = ?", "orders"));
        // The application logs in as legacy / legacy to the database orders; none of these is
        // upstream.
        assertEquals(
                List.of("orders_owner over TLS to orderdesk"),
                ask(
                        upstream,
                        """
                        select distinct a.usename || case when s.ssl then ' over TLS' else ' plain' end
                          || ' to ' || a.datname
                        from pg_stat_activity a join pg_stat_ssl s on s.pid = a.pid
                        where a.application_name = ? and a.usename is not null
                        """,
                        "order-desk"));
        assertEquals(
                List.of(),
                ask(upstream, "select usename from pg_user where usename = ?", "legacy"));
    }

    @Test
    @Order(2)
    void anOrderPlacedAtThePageReachesTheUpstreamDatabase() throws Exception {
        String customer = customer();
        try (Browser browser = Browser.open()) {
            browser.go("http://localhost:" + running.suite().ports().app() + "/");
            browser.find("#sku option[value]:not([value=''])");
            browser.find("#customer").sendKeys(customer);
            browser.find("#order button[type=submit]").click();
            browser.awaitText(customer);
            browser.screenshot(PICTURES.resolve("order-desk.png"));
        }
        assertEquals(
                List.of("PAID"),
                ask(
                        running.suite().ordersDb(),
                        "select state from orders where customer = ?",
                        customer));
    }

    @Test
    @Order(3)
    void thePartnerAnswersAnApplicationThatHasNoKey() throws Exception {
        Waiting.until("rates at the application", () -> running.suite().partner().answered() > 0);
        JsonObject rates = running.json(running.suite().ports().app(), "/api/rates");
        assertTrue(rates.toString().contains("USD"), rates.toString());
        assertEquals(0, running.suite().partner().refused());
    }

    @Test
    @Order(4)
    void aFailureTheApplicationLoggedIsFoundByItsText() throws Exception {
        String number = failedOrder();
        Waiting.until(
                "log-central finds " + number, () -> !running.logs("\"" + number + "\"").isEmpty());
        Waiting.until(
                "the failure with its stack trace",
                () ->
                        running.logs("\"" + number + "\" AND severity:ERROR").stream()
                                .anyMatch(record -> record.toString().contains("Caused by")));
    }

    @Test
    @Order(5)
    void aFailureTheApplicationLoggedIsReadOnTheViewersPage() throws Exception {
        String number = failedOrder();
        Waiting.until(
                "log-central finds " + number, () -> !running.logs("\"" + number + "\"").isEmpty());
        try (Browser browser = Browser.open()) {
            String viewer = "http://localhost:" + running.suite().ports().central() + "/";
            browser.go(viewer + "?query=" + number);
            browser.awaitText(number);
            browser.awaitText("Order " + number + " of");
            browser.go(viewer);
            browser.awaitText("Order");
            browser.screenshot(PICTURES.resolve("viewer.png"));
            browser.go("http://localhost:" + running.suite().ports().adapter() + "/");
            browser.awaitText("orders.log");
            browser.screenshot(PICTURES.resolve("adapter-preview.png"));
            browser.go("http://localhost:" + running.suite().ports().ambassador() + "/");
            browser.awaitText("orders-db");
            browser.screenshot(PICTURES.resolve("ambassador-routes.png"));
        }
    }

    @Test
    @Order(6)
    void everyDialectOfTheApplicationArrives() throws Exception {
        for (String file :
                List.of(
                        "orders.log",
                        "batch.0.log",
                        "access.log",
                        "events.json.log",
                        "stock.logfmt.log",
                        "date.log")) {
            Waiting.until(
                    "records of " + file, () -> !running.logs("log.file.path:*" + file).isEmpty());
        }
    }

    @Test
    @Order(7)
    void theSidecarServesTheRawFileThatTheApplicationWrites() throws Exception {
        String number = number(running.placeOrder(customer(), ITEM, 1));
        Waiting.until("the order in the raw file", () -> rawFile().contains(number));
        String shown = rawFile();
        assertEquals(
                Files.readString(running.suite().appLogs().resolve("orders.log"))
                        .substring(0, shown.length()),
                shown);
    }

    @Test
    @Order(8)
    void aWrongRouteIsNamedAndTheOldOneServesOn() throws Exception {
        String good =
                Files.readString(running.suite().routes().resolve("route.orders-db.upstream"));
        running.editRoute("route.orders-db.upstream", "localhost:");
        Waiting.until("/routes names the mistake", () -> !mistakes().isEmpty());
        JsonObject mistake = mistakes().getFirst();
        assertEquals("route.orders-db.upstream", mistake.getString("key"));
        assertEquals("localhost:", mistake.getString("value"));
        assertEquals("has no port; write host:port", mistake.getString("fix"));
        HttpResponse<String> placed = running.placeOrder(customer(), ITEM, 1);
        assertEquals(201, placed.statusCode(), placed.body());
        running.editRoute("route.orders-db.upstream", good);
        Waiting.until("/routes forgets it", () -> mistakes().isEmpty());
    }

    @Test
    @Order(9)
    void aChangedConfigMapMovesTheDatabaseWithoutARestart() throws Exception {
        long ambassador = running.suite().ambassador().handle().pid();
        long app = running.suite().app().handle().pid();
        PostgresServer green = running.suite().ordersDbGreen();
        running.editRoute("route.orders-db.upstream", "localhost:" + green.port());
        // Sessions of the application's pool live out on the old route: half a minute at most.
        Waiting.until(
                "an order in the second database",
                () -> {
                    String customer = customer();
                    HttpResponse<String> placed = running.placeOrder(customer, ITEM, 1);
                    return placed.statusCode() == 201 && hasOrderOf(green, customer);
                });
        assertEquals(ambassador, running.suite().ambassador().handle().pid());
        assertEquals(app, running.suite().app().handle().pid());
    }

    /** Both count: the adapter what was answered, log-central what it has. */
    @Test
    @Order(10)
    void theAdapterAndLogCentralAgreeOnWhatWasDelivered() throws Exception {
        Waiting.until("numbers of both sides", () -> filesThatAgree("true") > 0);
        assertEquals(0, filesThatAgree("false"), files());
    }

    private static int filesThatAgree(String agree) throws Exception {
        return files().split("\"agrees\":" + agree, -1).length - 1;
    }

    private static String files() throws Exception {
        return running.get(running.suite().ports().adapter(), "/files").body();
    }

    private static List<String> ask(PostgresServer server, String sql, String argument)
            throws Exception {
        return RunningSuite.ask(server, running.trusted(), sql, argument);
    }

    private static boolean hasOrderOf(PostgresServer server, String customer) throws Exception {
        boolean tableIsThere =
                !ask(server, "select tablename from pg_tables where tablename = ?", "orders")
                        .isEmpty();
        return tableIsThere
                && !ask(server, "select number from orders where customer = ?", customer).isEmpty();
    }

    private static String rawFile() throws Exception {
        return running.get(running.suite().ports().exporter(), "/orders.log").body();
    }

    private static List<JsonObject> mistakes() throws Exception {
        return running.json(running.suite().ports().ambassador(), "/routes")
                .getJsonObject("configuration")
                .getJsonArray("mistakes")
                .getValuesAs(JsonObject.class);
    }

    private static String customer() {
        return "Ada " + UUID.randomUUID();
    }

    /** No shelf holds that many pieces. */
    private static String failedOrder() throws Exception {
        HttpResponse<String> refused = running.placeOrder(customer(), "COF-HOUSE", 99);
        assertEquals(409, refused.statusCode(), refused.body());
        Matcher number = Pattern.compile("Order ([^:]+):").matcher(refused.body());
        assertTrue(number.find(), refused.body());
        return number.group(1);
    }

    private static String number(HttpResponse<String> answer) {
        return RunningSuite.parse(answer.body()).getString("number");
    }
}
