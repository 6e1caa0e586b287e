package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What Grafana's Loki data source and its Explore ask, of the shipped service. */
class LokiIT {

    private static final String TOKEN = "grafana-0123456789abcdef";
    private static final String SHOP = "shop-0123456789abcdef";
    private static final String SENDER = "sender-0123456789abcdef";
    private static final long SECOND = 1_000_000_000L;

    /** A whole number of minutes, some minutes ago. */
    private static final long BASE = (System.currentTimeMillis() / 60_000 - 5) * 60 * SECOND;

    @TempDir static Path directory;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        Path tokens = Files.createDirectory(directory.resolve("tokens"));
        Files.writeString(tokens.resolve("ingest.all"), SENDER);
        Files.writeString(tokens.resolve("read.grafana"), TOKEN);
        Files.writeString(tokens.resolve("read.shop"), SHOP);
        Files.writeString(tokens.resolve("read.shop.namespaces"), "shop");
        central =
                new RunningCentral(
                        directory.resolve("data"), "-Dcentral.access.tokens-directory=" + tokens);
        send(
                logs(
                        "orders",
                        "shop",
                        line(0, 17, "Order 1 failed"),
                        line(10, 17, "Order 2 failed"),
                        line(70, 9, "Order 3 stored")),
                logs("bank", "money", line(20, 13, "Account is low"), line(80, 0, "no level")));
    }

    @AfterAll
    static void stop() {
        central.close();
    }

    private static ResourceLogs logs(String service, String namespace, LogRecord... lines) {
        return ResourceLogs.newBuilder()
                .setResource(
                        Resource.newBuilder()
                                .addAttributes(OtlpRequests.text("service.name", service))
                                .addAttributes(OtlpRequests.text("k8s.namespace.name", namespace)))
                .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(java.util.List.of(lines)))
                .build();
    }

    private static LogRecord line(int seconds, int severity, String body) {
        return OtlpRequests.record(body, OtlpRequests.text("thread.name", "worker")).toBuilder()
                .setTimeUnixNano(BASE + seconds * SECOND)
                .setSeverityNumber(SeverityNumber.forNumber(severity))
                .build();
    }

    private static void send(ResourceLogs... logs) throws Exception {
        assertEquals(
                200,
                central.post(
                                OtlpRequests.request(logs),
                                "Content-Type",
                                "application/x-protobuf",
                                "Authorization",
                                "Bearer " + SENDER)
                        .statusCode());
    }

    private static HttpResponse<String> get(String token, String path, String... parameters)
            throws Exception {
        StringBuilder query = new StringBuilder("?");
        for (int i = 0; i < parameters.length; i += 2) {
            query.append(RunningCentral.encoded(parameters[i])).append('=');
            query.append(RunningCentral.encoded(parameters[i + 1])).append('&');
        }
        return central.get(
                "/loki/api/v1" + path + query,
                "Authorization",
                "Bearer " + token,
                "X-Loki-Response-Encoding-Flags",
                "categorize-labels");
    }

    private static HttpResponse<byte[]> post(String path, String type, String form)
            throws Exception {
        return central.post(
                path,
                form.getBytes(StandardCharsets.UTF_8),
                "Authorization",
                "Bearer " + TOKEN,
                "Content-Type",
                type);
    }

    private static JsonObject json(HttpResponse<String> answer) {
        assertEquals(200, answer.statusCode(), answer.body());
        try (var reader = Json.createReader(new StringReader(answer.body()))) {
            return reader.readObject();
        }
    }

    private static String data(String path, String... parameters) throws Exception {
        JsonObject answer = json(get(TOKEN, path, parameters));
        assertEquals("success", answer.getString("status"));
        return answer.get("data").toString();
    }

    private static JsonArray range(String query, String... more) throws Exception {
        String[] parameters = {
            "query", query,
            "start", Long.toString(BASE),
            "end", Long.toString(BASE + 181 * SECOND)
        };
        String[] all = java.util.Arrays.copyOf(parameters, parameters.length + more.length);
        System.arraycopy(more, 0, all, parameters.length, more.length);
        return json(get(TOKEN, "/query_range", all)).getJsonObject("data").getJsonArray("result");
    }

    @Test
    void answersTheHealthCheckOfADataSource() throws Exception {
        assertEquals(
                "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1700000000,\"2\"]}],"
                        + "\"stats\":{}}",
                data("/query", "query", "vector(1)+vector(1)", "time", "1700000000000000000"));
        assertTrue(get(TOKEN, "/status/buildinfo").body().startsWith("{\"version\":\"2."));
    }

    @Test
    void listsLabelsAndTheirValues() throws Exception {
        assertEquals("[\"k8s_namespace_name\",\"level\",\"service_name\"]", data("/labels"));
        assertEquals("[\"bank\",\"orders\"]", data("/label/service_name/values"));
        assertEquals(
                "[\"orders\"]",
                data("/label/service_name/values", "query", "{k8s_namespace_name=\"shop\"}"));
        assertEquals("[\"error\",\"info\",\"unknown\",\"warn\"]", data("/label/level/values"));
        assertEquals("[]", data("/label/nothing/values"));
        assertEquals(
                "[{\"k8s_namespace_name\":\"money\",\"service_name\":\"bank\"}]",
                data("/series", "match[]", "{service_name=~\"b.+\"}"));
        assertEquals(
                3,
                json(get(TOKEN, "/index/stats", "query", "{service_name=\"orders\"}"))
                        .getInt("entries"));
    }

    @Test
    void takesParametersInTheFormOfAPost() throws Exception {
        String form = "application/x-www-form-urlencoded";
        String query =
                "query="
                        + RunningCentral.encoded("{service_name=\"bank\"} |= \"is low\"")
                        + "&start="
                        + BASE
                        + "&end="
                        + (BASE + 181 * SECOND);
        HttpResponse<byte[]> answer = post("/loki/api/v1/query_range", form, query);
        String found = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(200, answer.statusCode(), found);
        assertTrue(found.contains("Account is low") && !found.contains("no level"), found);
        assertEquals(
                "{\"status\":\"success\",\"data\":[{\"k8s_namespace_name\":\"money\","
                        + "\"service_name\":\"bank\"}]}",
                new String(
                        post(
                                        "/loki/api/v1/series",
                                        form + "; charset=UTF-8",
                                        "match[]=%7Bservice_name%3D%22bank%22%7D")
                                .body(),
                        StandardCharsets.UTF_8));
        Waiting.until(
                "the form in the audit",
                () -> central.output().contains("\"what\":\"/loki/api/v1/series\",\"match[]\""));
        assertEquals(400, post("/loki/api/v1/query_range", "application/json", "{}").statusCode());
        HttpResponse<byte[]> large =
                post("/loki/api/v1/query_range", form, "query=" + "x".repeat(65536));
        assertEquals(400, large.statusCode());
        assertEquals(
                "a form has at most 65536 bytes", new String(large.body(), StandardCharsets.UTF_8));
    }

    @Test
    void givesLinesInStreams() throws Exception {
        JsonArray streams = range("{service_name=~\".+\"} |= \"Order\" !~ `\\b3\\b`");
        assertEquals(1, streams.size());
        JsonObject stream = streams.getJsonObject(0);
        assertEquals(
                "{\"k8s_namespace_name\":\"shop\",\"level\":\"error\",\"service_name\":\"orders\"}",
                stream.getJsonObject("stream").toString());
        assertEquals(
                ("[[\"%d\",\"Order 2 failed\",{\"structuredMetadata\":{\"scope_name\":\"\","
                                + "\"thread_name\":\"worker\"}}],"
                                + "[\"%d\",\"Order 1 failed\",{\"structuredMetadata\":{\"scope_name\":\"\","
                                + "\"thread_name\":\"worker\"}}]]")
                        .replace("\"scope_name\":\"\",", "")
                        .formatted(BASE + 10 * SECOND, BASE),
                stream.getJsonArray("values").toString());
        assertEquals(0, range("{} |= \"order\"").size());
        assertEquals(1, range("{} |~ \"(?i)order\" | level=\"info\"").size());
        assertEquals(2, range("{level!=\"error\"}", "limit", "2").size());
        assertEquals(
                "Order 1 failed",
                range("{}", "direction", "forward", "limit", "1")
                        .getJsonObject(0)
                        .getJsonArray("values")
                        .getJsonArray(0)
                        .getString(1));
    }

    @Test
    void countsLevelsOverTimeForExploresHistogram() throws Exception {
        JsonArray series =
                range(
                        "sum by (level, detected_level) (count_over_time({service_name=~`.+`}"
                                + " | drop __error__[1m]))",
                        "step",
                        "60s");
        long first = BASE / SECOND + 60;
        long second = first + 60;
        assertEquals(
                ("[{\"metric\":{\"level\":\"unknown\"},\"values\":[[%2$d,\"1\"]]},"
                                + "{\"metric\":{\"level\":\"info\"},\"values\":[[%2$d,\"1\"]]},"
                                + "{\"metric\":{\"level\":\"warn\"},\"values\":[[%1$d,\"1\"]]},"
                                + "{\"metric\":{\"level\":\"error\"},\"values\":[[%1$d,\"2\"]]}]")
                        .formatted(first, second),
                series.toString());
    }

    @Test
    void countsInASlidingRangeAndByLabels() throws Exception {
        JsonArray series = range("sum by (service_name) (count_over_time({}[2m]))", "step", "60");
        long minute = BASE / SECOND;
        Map<String, String> expected =
                Map.of(
                        "orders",
                        "[[%d,\"2\"],[%d,\"3\"],[%d,\"1\"]]"
                                .formatted(minute + 60, minute + 120, minute + 180),
                        "bank",
                        "[[%d,\"1\"],[%d,\"2\"],[%d,\"1\"]]"
                                .formatted(minute + 60, minute + 120, minute + 180));
        assertEquals(2, series.size());
        for (JsonObject one : series.getValuesAs(JsonObject.class)) {
            assertEquals(
                    expected.get(one.getJsonObject("metric").getString("service_name")),
                    one.get("values").toString());
        }
        assertEquals(
                "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[%d,\"0.05\"]}],\"stats\":{}}"
                        .formatted(minute + 60),
                data(
                        "/query",
                        "query",
                        "sum(rate({}[60s]))",
                        "time",
                        Long.toString(BASE + 60 * SECOND)));
    }

    @Test
    void refusesWithTheColumn() throws Exception {
        HttpResponse<String> answer = get(TOKEN, "/query_range", "query", "{a=\"b\"} | json");
        assertEquals(400, answer.statusCode());
        assertTrue(
                answer.body().startsWith("parse error at line 1, col 2: 'a' is not a label here"),
                answer.body());
        assertEquals(400, get(TOKEN, "/query", "query", "{level=\"info\"}").statusCode());
        assertEquals(
                400,
                get(TOKEN, "/query_range", "query", "rate({}[1s])", "start", "1", "step", "1")
                        .statusCode());
        assertEquals(400, get(TOKEN, "/tail", "query", "{}").statusCode());
        assertEquals(401, get("no-0123456789abcdef", "/labels").statusCode());
    }

    @Test
    void showsOnlyTheNamespacesOfTheToken() throws Exception {
        for (String[] question :
                new String[][] {
                    {"/labels"},
                    {"/label/service_name/values"},
                    {"/series", "match[]", "{}"},
                    {"/query_range", "query", "{}"},
                    {"/query_range", "query", "sum by (service_name) (count_over_time({}[1h]))"},
                    {"/query", "query", "count_over_time({}[1h])"}
                }) {
            HttpResponse<String> answer =
                    get(
                            SHOP,
                            question[0],
                            java.util.Arrays.copyOfRange(question, 1, question.length));
            assertEquals(200, answer.statusCode(), answer.body());
            assertFalse(
                    answer.body().contains("bank") || answer.body().contains("money"),
                    answer.body());
        }
    }

    private static final class Client implements WebSocket.Listener {
        private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                messages.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private static WebSocket open(Client client, String token, String query, String more) {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(
                        URI.create(
                                central.address().replace("http:", "ws:")
                                        + "/loki/api/v1/tail?query="
                                        + RunningCentral.encoded(query)
                                        + more),
                        client)
                .join();
    }

    @Test
    void tailsByWebSocket() throws Exception {
        Client client = new Client();
        WebSocket socket = open(client, SHOP, "{level=\"error\"}", "");
        // The last hour, as nothing else was asked for.
        String first = client.messages.poll(20, TimeUnit.SECONDS);
        assertEquals(
                ("{\"streams\":[{\"stream\":{\"k8s_namespace_name\":\"shop\",\"level\":\"error\","
                                + "\"service_name\":\"orders\"},\"values\":[[\"%d\",\"Order 1 failed\"],"
                                + "[\"%d\",\"Order 2 failed\"]]}]}")
                        .formatted(BASE, BASE + 10 * SECOND),
                first);
        String big = "tailed " + "x".repeat(70_000);
        send(
                logs("bank", "money", line(-90_000, 17, "tailed by nobody")),
                logs(
                        "orders",
                        "shop",
                        line(-90_000, 17, big),
                        line(-90_000, 9, "tailed by nobody")));
        String next = client.messages.poll(20, TimeUnit.SECONDS);
        assertTrue(next != null && next.contains(big), next);
        assertFalse(next.contains("nobody"), next);
        Client later = new Client();
        WebSocket second =
                open(later, SHOP, "{level=\"error\"}", "&limit=1&start=" + (BASE + 5 * SECOND));
        String newest = later.messages.poll(20, TimeUnit.SECONDS);
        assertTrue(newest.contains("Order 2 failed") && !newest.contains("Order 1"), newest);
        second.abort();
        socket.sendPing(java.nio.ByteBuffer.allocate(4)).join();
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        Waiting.until(
                "the audit's line",
                () -> central.output().contains("\"status\":101,\"records\":3,"));
    }

    @Test
    void refusesAWebSocketWithoutAToken() {
        CompletionException refused =
                org.junit.jupiter.api.Assertions.assertThrows(
                        CompletionException.class,
                        () -> open(new Client(), "no-0123456789abcdef", "{}", ""));
        assertEquals(
                401, ((WebSocketHandshakeException) refused.getCause()).getResponse().statusCode());
    }
}
