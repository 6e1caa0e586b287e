package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;
import static dev.pillion.central.OtlpRequests.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Who may send and read, and how much: the shipped service with tokens. */
class AccessIT {

    private static final String ADAPTER = "adapter-0123456789abcdef";
    private static final String SHOP_SENDER = "shop-sender-0123456789abcdef";
    private static final String VIEWER = "viewer-0123456789abcdef";
    private static final String SHOP_READER = "shop-reader-0123456789abcdef";
    private static final String HAMMER = "hammer-0123456789abcdef";
    private static final String BEARER = "Authorization";

    @TempDir static Path directory;
    private static Path tokens;
    private static TinyOpenIdProvider provider;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        tokens = Files.createDirectory(directory.resolve("tokens"));
        write("ingest.adapter", ADAPTER);
        write("ingest.shop", SHOP_SENDER);
        write("ingest.shop.namespaces", "shop");
        write("read.viewer", VIEWER);
        write("read.shop", SHOP_READER);
        write("read.shop.namespaces", "shop");
        write("read.hammer", HAMMER);
        write("oidc.client-secret", TinyOpenIdProvider.SECRET);
        provider = new TinyOpenIdProvider();
        provider.claims.put("namespaces", "[\"shop\"]");
        central =
                new RunningCentral(
                        directory.resolve("data"),
                        "-Dcentral.access.oidc.issuer=" + provider.issuer(),
                        "-Dcentral.access.oidc.address=http://localhost/logs",
                        "-Dcentral.access.oidc.namespaces-claim=namespaces",
                        "-Dserver.host=0.0.0.0",
                        "-Dcentral.access.tokens-directory=" + tokens,
                        "-Dcentral.access.user-header=X-Forwarded-User",
                        "-Dcentral.access.client-requests=20");
        assertEquals(200, post(ADAPTER, inNamespace("shop", "from shop")).statusCode());
        assertEquals(200, post(ADAPTER, inNamespace("bank", "from bank")).statusCode());
    }

    @AfterAll
    static void stop() {
        central.close();
        provider.close();
    }

    private static void write(String file, String content) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), content);
        Files.move(fresh, tokens.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private static ResourceLogs inNamespace(String namespace, String... bodies) {
        List<LogRecord> records = new ArrayList<>();
        for (String body : bodies) {
            records.add(record(body));
        }
        ResourceLogs logs = logs("", records.toArray(LogRecord[]::new));
        return logs.toBuilder()
                .setResource(
                        logs.getResource().toBuilder()
                                .addAttributes(text("k8s.namespace.name", namespace)))
                .build();
    }

    private static HttpResponse<byte[]> post(String token, ResourceLogs... logs) throws Exception {
        return central.post(
                request(logs), "Content-Type", "application/x-protobuf", BEARER, "Bearer " + token);
    }

    private static HttpResponse<String> get(String token, String path) throws Exception {
        return central.get(path, BEARER, "Bearer " + token);
    }

    @Test
    void asksForATokenAndSaysHowToShowIt() throws Exception {
        HttpResponse<byte[]> none =
                central.post(
                        "{}".getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
        assertEquals(401, none.statusCode());
        assertEquals(
                "Bearer realm=\"log-central\"",
                none.headers().firstValue("WWW-Authenticate").orElse(""));
        assertEquals(
                "{\"code\":16,\"message\":\"a token is required: Authorization: Bearer <token>\"}",
                new String(none.body(), StandardCharsets.UTF_8));
        HttpResponse<byte[]> wrong = post(VIEWER, inNamespace("shop", "x"));
        assertEquals(401, wrong.statusCode());
        assertEquals(
                "Bearer realm=\"log-central\", error=\"invalid_token\"",
                wrong.headers().firstValue("WWW-Authenticate").orElse(""));
        for (String path :
                List.of(
                        "/api/logs",
                        "/api//logs",
                        "/%61pi/logs",
                        "/api/./logs",
                        "/api/histogram",
                        "/api/facets",
                        "/api/context?id=1",
                        "/api/sources",
                        "/api/files",
                        "/api/session",
                        "/api/tail")) {
            int status = central.get(path).statusCode();
            assertTrue(status == 401 || status == 404, path + ": " + status);
            status = get(ADAPTER, path).statusCode();
            assertTrue(
                    status == 401 || status == 404 || path.equals("/api/files"),
                    path + ": " + status);
        }
        for (String open : List.of("/", "/health/ready", "/metrics", "/openapi")) {
            assertEquals(200, central.get(open).statusCode(), open);
        }
    }

    @Test
    void takesOnlyTheNamespacesOfTheToken() throws Exception {
        HttpResponse<byte[]> some =
                post(
                        SHOP_SENDER,
                        inNamespace("shop", "scoped one"),
                        inNamespace("bank", "scoped two", "scoped three"));
        assertEquals(200, some.statusCode());
        ExportLogsServiceResponse partial = ExportLogsServiceResponse.parseFrom(some.body());
        assertEquals(2, partial.getPartialSuccess().getRejectedLogRecords());
        String reason = "k8s.namespace.name 'bank' is not one of this token's";
        assertEquals(
                "record 1: " + reason + "; record 2: " + reason,
                partial.getPartialSuccess().getErrorMessage());
        HttpResponse<byte[]> none =
                post(SHOP_SENDER, inNamespace("bank", "scoped four"), logs("", record("nowhere")));
        assertEquals(403, none.statusCode());
        String found = get(VIEWER, "/api/logs?query=scoped").body();
        assertTrue(found.contains("scoped one"), found);
        assertFalse(found.contains("scoped two") || found.contains("scoped four"), found);
    }

    private static ResourceLogs ofFile(String namespace, long position, String body) {
        ResourceLogs logs =
                logs("same-file", record(body, OtlpRequests.number("log.file.position", position)));
        return logs.toBuilder()
                .setResource(
                        logs.getResource().toBuilder()
                                .addAttributes(text("k8s.namespace.name", namespace)))
                .build();
    }

    @Test
    void letsNoTokenHideWhatAnotherNamespacesFilesWillSay() throws Exception {
        assertEquals(
                200, post(SHOP_SENDER, ofFile("shop", 1L << 60, "position of shop")).statusCode());
        assertEquals(200, post(ADAPTER, ofFile("bank", 5, "position of bank")).statusCode());
        String found = get(VIEWER, "/api/logs?query=position").body();
        assertTrue(found.contains("position of bank"), found);
        String bank = "{\"id\":\"same-file\",\"records\":1,\"position\":5}";
        String shop = "{\"id\":\"same-file\",\"records\":1,\"position\":" + (1L << 60) + "}";
        String all = get(ADAPTER, "/api/files?id=same-file&id=unheard-of").body();
        assertTrue(all.contains(bank) && all.contains(shop), all);
        String own = "{\"files\":[" + shop + "]}";
        assertEquals(own, get(SHOP_SENDER, "/api/files?id=same-file").body());
        assertEquals(own, get(SHOP_READER, "/api/files").body());
        assertEquals("{\"files\":[]}", get(SHOP_READER, "/api/files?id=unheard-of").body());
        assertEquals(400, get(VIEWER, "/api/files?" + "id=x&".repeat(1001)).statusCode());
    }

    @Test
    void showsOnlyTheNamespacesOfTheToken() throws Exception {
        String all = get(VIEWER, "/api/logs").body();
        assertTrue(all.contains("from shop") && all.contains("from bank"), all);
        String id = all.replaceAll("(?s).*\"id\":\"(\\d+)\"[^\\n]*from bank.*", "$1");
        for (String path :
                List.of(
                        "/api/logs",
                        "/api/logs?query=" + RunningCentral.encoded("bank OR shop"),
                        "/api/histogram?query=bank",
                        "/api/facets?fields=k8s.namespace.name,body",
                        "/api/context?id=" + id,
                        "/api/sources")) {
            String scoped = get(SHOP_READER, path).body();
            assertFalse(scoped.contains("bank"), path + ": " + scoped);
        }
        assertEquals(404, get(SHOP_READER, "/api/context?id=" + id).statusCode());
        assertTrue(get(SHOP_READER, "/api/histogram?query=bank").body().contains("\"total\":0"));
        for (String type : List.of("application/x-ndjson", "text/csv", "application/x-protobuf")) {
            HttpResponse<byte[]> export =
                    central.getBytes("/api/logs", BEARER, "Bearer " + SHOP_READER, "Accept", type);
            String content = new String(export.body(), StandardCharsets.UTF_8);
            assertTrue(content.contains("from shop"), type);
            assertFalse(content.contains("bank"), type);
        }
        try (InputStream tail =
                central.stream("/api/tail?cursor=0", BEARER, "Bearer " + SHOP_READER).body()) {
            assertEquals(200, post(ADAPTER, inNamespace("bank", "tail bank")).statusCode());
            assertEquals(200, post(ADAPTER, inNamespace("shop", "tail shop")).statusCode());
            StringBuilder seen = new StringBuilder();
            byte[] buffer = new byte[8192];
            while (!seen.toString().contains("tail shop")) {
                int count = tail.read(buffer);
                assertTrue(count > 0, seen.toString());
                seen.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
            assertFalse(seen.toString().contains("bank"), seen.toString());
        }
    }

    @Test
    void knowsABrowserByItsCookie() throws Exception {
        HttpResponse<byte[]> login =
                central.send("POST", "/api/session", BEARER, "Bearer " + SHOP_READER);
        assertEquals(204, login.statusCode());
        String set = login.headers().firstValue("Set-Cookie").orElse("");
        assertTrue(set.endsWith("Max-Age=43200; Path=/; HttpOnly; SameSite=Strict"), set);
        assertFalse(set.contains(SHOP_READER), set);
        String cookie = set.substring(0, set.indexOf(';'));
        HttpResponse<String> session = central.get("/api/session", "Cookie", cookie);
        assertEquals(
                "{\"required\":true,\"token\":\"shop\",\"user\":\"\",\"namespaces\":[\"shop\"]}",
                session.body());
        String found = central.get("/api/logs", "Cookie", cookie).body();
        assertTrue(found.contains("from shop") && !found.contains("from bank"), found);
        // A cookie is for reading; a browser's page must not be able to send.
        assertEquals(
                401,
                central.post(
                                new byte[0],
                                "Content-Type",
                                "application/x-protobuf",
                                "Cookie",
                                cookie)
                        .statusCode());
        HttpResponse<byte[]> secure =
                central.send(
                        "POST",
                        "/api/session",
                        BEARER,
                        "Bearer " + VIEWER,
                        "X-Forwarded-Proto",
                        "https");
        assertTrue(secure.headers().firstValue("Set-Cookie").orElse("").contains("; Secure"));
        assertEquals(
                401,
                central.send("POST", "/api/session", BEARER, "Bearer " + ADAPTER).statusCode());
        HttpResponse<byte[]> logout = central.send("DELETE", "/api/session", "Cookie", cookie);
        assertTrue(
                logout.headers()
                        .firstValue("Set-Cookie")
                        .orElse("")
                        .startsWith("log-central-session=; Expires=Thu, 1 Jan 1970"),
                logout.headers().toString());
    }

    private static HttpResponse<Void> provided(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address)).build(),
                        HttpResponse.BodyHandlers.discarding());
    }

    private static String location(HttpResponse<?> answer) {
        assertEquals(302, answer.statusCode(), String.valueOf(answer.body()));
        return answer.headers().firstValue("Location").orElseThrow();
    }

    /** The path and query that a browser would ask for behind the proxy at /logs. */
    private static String back(HttpResponse<String> begun) throws Exception {
        String back = location(provided(location(begun)));
        String address = "http://localhost/logs";
        assertTrue(back.startsWith(address + "/api/sign-on/callback?"), back);
        return back.substring(address.length());
    }

    private static String cookie(HttpResponse<?> answer, String name) {
        return answer.headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "="))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void letsPersonsSignOnAndShowsThemTheirNamespaces() throws Exception {
        HttpResponse<String> stranger = central.get("/api/session");
        assertEquals(401, stranger.statusCode());
        assertTrue(stranger.body().contains("\"signOn\":\"api/sign-on\""), stranger.body());
        HttpResponse<String> begun = central.get("/api/sign-on");
        String flow = cookie(begun, "log-central-sign-on");
        assertTrue(flow.contains("HttpOnly") && flow.contains("SameSite=Lax"), flow);
        String callback = back(begun);
        // In another browser, or with another's answer, it is worth nothing.
        assertEquals(400, central.get(callback).statusCode());
        String flowCookie = flow.split(";", 2)[0];
        assertEquals(
                400,
                central.get(callback.replaceFirst("state=.", "state=_"), "Cookie", flowCookie)
                        .statusCode());
        HttpResponse<String> signedOn = central.get(callback, "Cookie", flowCookie);
        assertEquals("http://localhost/logs/", location(signedOn));
        String session = cookie(signedOn, "log-central-session");
        assertTrue(session.contains("HttpOnly") && session.contains("SameSite=Strict"), session);
        assertTrue(cookie(signedOn, "log-central-sign-on").contains("Expires=Thu, 1 Jan 1970"));
        String cookie = session.split(";", 2)[0];
        assertEquals(
                "{\"required\":true,\"token\":\"\",\"user\":\"ann@example.org\","
                        + "\"namespaces\":[\"shop\"]}",
                central.get("/api/session", "Cookie", cookie).body());
        String found = central.get("/api/logs?query=from%20", "Cookie", cookie).body();
        assertTrue(found.contains("from shop") && !found.contains("from bank"), found);
        assertEquals(403, central.get("/api/backup", "Cookie", cookie).statusCode());
        Waiting.until(
                "the audit",
                () -> central.output().contains("\"user\":\"ann@example.org\",\"from\""));
        // A code is good for one time.
        HttpResponse<String> again = central.get(callback, "Cookie", flowCookie);
        assertEquals(502, again.statusCode());
        assertTrue(again.body().contains("400 invalid_grant used before"), again.body());
        HttpResponse<String> refused =
                central.get(
                        callback.replaceFirst("code=[^&]*", "error=access_denied"),
                        "Cookie",
                        flowCookie);
        assertEquals(403, refused.statusCode());
        assertEquals(
                """
                Not signed on: the provider said: access_denied.
                To begin again: http://localhost/logs/
                """,
                refused.body());
        assertFalse(central.output().contains(TinyOpenIdProvider.SECRET));
    }

    @Test
    void takesNewTokensAndForgetsOldOnesWhileItRuns() throws Exception {
        String first = "rotate-first-0123456789abcdef";
        String second = "rotate-second-0123456789abcdef";
        write("read.rotated", first);
        awaitReading(first);
        write("read.rotated", second + "\n" + first);
        awaitReading(second);
        awaitReading(first);
        write("read.rotated", second);
        Waiting.until("the end of the first", () -> get(first, "/api/session").statusCode() == 401);
        awaitReading(second);
        write("read.rotated", "short");
        Waiting.until(
                "the warning", () -> central.output().contains("the former tokens stay valid"));
        awaitReading(second);
        Files.delete(tokens.resolve("read.rotated"));
        Waiting.until(
                "the end of the second", () -> get(second, "/api/session").statusCode() == 401);
        assertFalse(central.output().contains(first) || central.output().contains(second));
    }

    /** Who waits for a token asks more often than a client may: 429 is not the answer yet. */
    private void awaitReading(String token) throws Exception {
        Waiting.until("a read", () -> get(token, "/api/session").statusCode() == 200);
    }

    @Test
    void writesWhoReadWhat() throws Exception {
        central.get(
                "/api/logs?query=audited&limit=5",
                BEARER,
                "Bearer " + VIEWER,
                "X-Forwarded-User",
                "ann@example.org");
        Waiting.until("the line", () -> central.output().contains("audited"));
        String line =
                central.output().lines().filter(one -> one.contains("audited")).findFirst().get();
        assertTrue(
                line.contains(
                        "\"logger\":\"audit\",\"message\":\"read\",\"token\":\"viewer\","
                                + "\"user\":\"ann@example.org\",\"from\":\"127.0.0.1\","
                                + "\"what\":\"/api/logs\",\"limit\":\"5\",\"query\":\"audited\","
                                + "\"status\":200,\"records\":0,\"millis\":"),
                line);
        assertFalse(central.output().contains(VIEWER));
    }

    @Test
    void slowsDownAClientThatAsksTooMuchAndNoOther() throws Exception {
        HttpResponse<String> answer = get(HAMMER, "/api/session");
        for (int i = 0; i < 1000 && answer.statusCode() == 200; i++) {
            answer = get(HAMMER, "/api/session");
        }
        assertEquals(429, answer.statusCode());
        assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
        assertEquals(
                "{\"error\":\"more than 20 requests a second (central.access.client-requests)\"}",
                answer.body());
        assertEquals(200, get(VIEWER, "/api/session").statusCode());
        Waiting.until("its turn again", () -> get(HAMMER, "/api/session").statusCode() == 200);
    }

    @Test
    void refusesToStartOpenToOthersWithoutTokens() throws Exception {
        IOException refused =
                org.junit.jupiter.api.Assertions.assertThrows(
                        IOException.class,
                        () ->
                                new RunningCentral(
                                                directory.resolve("open"),
                                                "-Dserver.host=0.0.0.0",
                                                "-Dcentral.access.tokens-directory="
                                                        + directory.resolve("absent"))
                                        .close());
        assertTrue(
                refused.getMessage()
                        .contains("log-central: server.host: '0.0.0.0' is open to others, and"),
                refused.getMessage());
    }

    @Test
    void keepsOtherSitesFromReadingThroughTheBrowserOfThisMachine() throws Exception {
        try (RunningCentral open = new RunningCentral(directory.resolve("loopback"))) {
            assertEquals(200, open.get("/api/logs").statusCode());
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port())) {
                socket.getOutputStream()
                        .write(
                                "GET /api/logs HTTP/1.1\r\nHost: rebound.example:80\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                byte[] answer = new byte[12];
                socket.getInputStream().readNBytes(answer, 0, 12);
                assertEquals("HTTP/1.1 403", new String(answer, StandardCharsets.US_ASCII));
            }
            assertEquals(
                    200,
                    open.post(
                                    ExportLogsServiceRequest.getDefaultInstance().toByteArray(),
                                    "Content-Type",
                                    "application/x-protobuf")
                            .statusCode());
        }
    }
}
