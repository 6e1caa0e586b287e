package dev.pillion.central;

import static dev.pillion.central.OtlpRequests.PROTOBUF;
import static dev.pillion.central.OtlpRequests.logs;
import static dev.pillion.central.OtlpRequests.number;
import static dev.pillion.central.OtlpRequests.record;
import static dev.pillion.central.OtlpRequests.request;
import static dev.pillion.central.OtlpRequests.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What is asked of the shipped service, over HTTP, and what it says to a wrong question. */
class ReadingIT {

    @TempDir static Path directory;
    private static RunningCentral central;

    @BeforeAll
    static void start() throws Exception {
        central =
                new RunningCentral(
                        directory.resolve("shared"),
                        "-Xlog:class+load:file=" + directory.resolve("classes"),
                        "-Dcentral.access.client-requests=100000");
    }

    @AfterAll
    static void stop() throws Exception {
        central.close();
    }

    @Test
    void findsWhatItTookAtOnce() throws Exception {
        HttpResponse<byte[]> answer =
                central.post(
                        request(
                                logs(
                                        "",
                                        record(
                                                "Order 4711 failed",
                                                text(
                                                        "exception.stacktrace",
                                                        "java.io.IOException: broken kettle\n"
                                                                + "\tat dev.example.Tea.brew(Tea.java:3)"),
                                                number("attempt", 3)))),
                        PROTOBUF);
        assertEquals(200, answer.statusCode());
        assertEquals(0, answer.body().length);
        for (String query :
                List.of(
                        "4711",
                        "\"order 4711 FAILED\"",
                        "kettle",
                        "*ettl*",
                        "Tea.brew",
                        "/br[e]w\\(Tea/",
                        "ket*",
                        "4711 AND attempt:3",
                        "4711 AND attempt:[2 TO 4]",
                        "4711 AND attempt:>2",
                        "4711 AND severity:>=WARN AND service.name:orders",
                        "4711 AND service.name:=orders AND logger:dev.example",
                        "4711 AND NOT absent")) {
            assertEquals(1, central.count(query), query);
        }
        for (String query :
                List.of(
                        "471",
                        "ettl",
                        "4711 AND attempt:4",
                        "4711 AND severity:<ERROR",
                        "4711 AND service.name:=order",
                        "4711 AND NOT kettle",
                        "4711 AND attempt:>3")) {
            assertEquals(0, central.count(query), query);
        }
    }

    @Test
    void saysWhatIsWrongWithAParameter() throws Exception {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("/api/logs?limit=0", "limit: '0' is not a number from 1 to 1000");
        wrong.put("/api/logs?limit=1001", "limit: '1001' is not a number from 1 to 1000");
        wrong.put("/api/logs?limit=many", "limit: 'many' is not a number from 1 to 1000");
        wrong.put(
                "/api/facets?qeury=x",
                "'qeury' is no parameter of /api/facets; these are: query, from, to, fields");
        wrong.put(
                "/api/tail?from=now",
                "'from' is no parameter of /api/tail; these are: query, cursor");
        wrong.put("/api/logs?cursor=7", "cursor: this is not one that was given out");
        wrong.put("/api/logs?direction=up", "direction: write backward (newest first) or forward");
        wrong.put("/api/logs?from=now&to=now-1h", "from must be before to");
        wrong.put(
                "/api/histogram?interval=1s&from=now-1d",
                "interval: more than 2000 buckets; take a longer one");
        wrong.put("/api/histogram?by=logger", "by: only severity is known");
        wrong.put("/api/facets?fields=" + "a,".repeat(21), "fields: at most 20");
        wrong.put("/api/context?id=first", "id: 'first' is not a record's id");
        wrong.put("/api/context?id=1&before=1001", "before: '1001' is not a number from 0 to 1000");
        wrong.put("/api/tail?cursor=x", "cursor: this is not a record's id");
        wrong.put("/api/files?" + "id=x&".repeat(1001), "id: at most 1000 in one request");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            HttpResponse<String> answer = central.get(each.getKey());
            assertEquals(400, answer.statusCode(), each.getKey());
            assertEquals("{\"error\":\"" + each.getValue() + "\"}", answer.body());
        }
        HttpResponse<String> time = central.get("/api/logs?from=yesterday");
        assertEquals(400, time.statusCode());
        assertTrue(
                time.body().startsWith("{\"error\":\"from: 'yesterday' is not a time"),
                time.body());
        assertEquals(200, central.get("/api/logs?query=" + "%78".repeat(4096)).statusCode());
        HttpResponse<String> longer = central.get("/api/logs?query=" + "%78".repeat(4097));
        assertEquals(
                "{\"error\":\"a query has at most 4096 characters\",\"column\":4096}",
                longer.body());
        assertEquals(404, central.get("/api/context?id=999999999").statusCode());
        HttpResponse<String> nothing = central.get("/api/nothing");
        assertEquals(404, nothing.statusCode());
        assertEquals(
                "{\"error\":\"there is no GET /api/nothing; /openapi tells what there is\"}",
                nothing.body());
    }

    /** Anything at all in any parameter. */
    @Test
    void survivesAnyParameter() throws Exception {
        Random random = Seeds.fresh("parameters");
        List<String> paths =
                List.of(
                        "/api/logs?query=",
                        "/api/logs?from=",
                        "/api/logs?limit=",
                        "/api/logs?cursor=",
                        "/api/logs?direction=",
                        "/api/histogram?query=",
                        "/api/histogram?interval=",
                        "/api/histogram?to=",
                        "/api/facets?fields=",
                        "/api/context?id=",
                        "/api/files?id=",
                        "/api/sources?from=",
                        "/loki/api/v1/query_range?query=",
                        "/loki/api/v1/query_range?step=",
                        "/loki/api/v1/query_range?query=%7B%7D&start=",
                        "/loki/api/v1/query?query=",
                        "/loki/api/v1/query?query=rate(%7B%7D%5B1m%5D)&time=",
                        "/loki/api/v1/labels?end=",
                        "/loki/api/v1/label/level/values?query=",
                        "/loki/api/v1/series?match%5B%5D=");
        String[] parts = {
            "a",
            "AND",
            "OR",
            "NOT ",
            "(",
            ")",
            "\"",
            "/",
            "*",
            "?",
            ":",
            "[",
            "]",
            "{",
            "}",
            " TO ",
            ">=",
            "severity",
            "body",
            "-",
            "\\",
            "9",
            "99999999999999999999",
            ".",
            "now",
            "\u0000",
            "\n",
            "ü",
            "\ud83d\ude00",
            "level=~",
            "`",
            "|=",
            "rate",
            "1m",
            ",",
            "+",
            "%"
        };
        for (int i = 0; i < 1500; i++) {
            StringBuilder value = new StringBuilder();
            for (int part = random.nextInt(8); part >= 0; part--) {
                value.append(parts[random.nextInt(parts.length)]);
            }
            String path =
                    paths.get(random.nextInt(paths.size()))
                            + RunningCentral.encoded(value.toString());
            HttpResponse<String> answer = central.get(path);
            int status = answer.statusCode();
            assertTrue(
                    status == 200 || status == 400 || status == 404,
                    path + ": " + status + " " + answer.body());
        }
    }

    @Test
    void pointsAtTheColumnOfAWrongQuery() throws Exception {
        HttpResponse<String> answer =
                central.get("/api/logs?query=" + RunningCentral.encoded("a AND (b OR"));
        assertEquals(400, answer.statusCode());
        assertEquals(
                "{\"error\":\"the query ends where a word is expected\",\"column\":12}",
                answer.body());
    }

    @Test
    void tailsFromACursor() throws Exception {
        assertEquals(
                200,
                central.post(
                                request(logs("", record("tail me one"), record("tail me two"))),
                                PROTOBUF)
                        .statusCode());
        List<String> seen = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                central.stream("/api/tail?cursor=0&query=%22tail+me%22").body(),
                                StandardCharsets.UTF_8))) {
            while (seen.size() < 2) {
                String line = lines.readLine();
                if (line.startsWith("data: {\"id\"")) {
                    seen.add(line);
                }
            }
        }
        assertTrue(seen.get(0).contains("tail me one"), seen.get(0));
        assertTrue(seen.get(1).contains("tail me two"), seen.get(1));
    }

    @Test
    void countsWhatItTookAndWhatItHadAlready() throws Exception {
        double kept = counter("central_records_kept_total");
        double repeated = counter("central_records_repeated_total");
        byte[] two = request(logs("", record("counted one"), record("counted two")));
        assertEquals(200, central.post(two, PROTOBUF).statusCode());
        assertEquals(kept + 2, counter("central_records_kept_total"));
        assertEquals(repeated, counter("central_records_repeated_total"));
        assertEquals(200, central.post(two, PROTOBUF).statusCode());
        assertEquals(kept + 2, counter("central_records_kept_total"));
        assertEquals(repeated + 2, counter("central_records_repeated_total"));
    }

    /** Of a metric that says that it is a counter. */
    private static double counter(String name) throws Exception {
        List<String> metrics = central.get("/metrics").body().lines().toList();
        assertTrue(metrics.contains("# TYPE " + name + " counter"), metrics::toString);
        String line = metrics.stream().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    @Test
    void servesItsAdministration() throws Exception {
        assertEquals(200, central.get("/health/live").statusCode());
        assertEquals(200, central.get("/health/started").statusCode());
        assertTrue(central.get("/openapi").body().contains("/api/logs"));
        HttpResponse<String> page = central.get("/");
        assertEquals(200, page.statusCode());
        assertTrue(
                page.headers()
                        .firstValue("Content-Security-Policy")
                        .orElse("")
                        .startsWith("default-src 'none'"));
    }

    @Test
    void loadsNothingOfSingleSignOnWhileItIsOff() throws Exception {
        String loaded = Files.readString(directory.resolve("classes"));
        assertTrue(loaded.contains(" dev.pillion.central.access.Access "), "the log of classes");
        assertFalse(loaded.contains(" io.helidon.security."));
        assertFalse(loaded.contains(" java.net.http."));
    }
}
