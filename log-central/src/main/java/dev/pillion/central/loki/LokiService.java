package dev.pillion.central.loki;

import dev.pillion.central.ingest.Json;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.query.Answers;
import dev.pillion.central.query.Asked;
import dev.pillion.central.query.Queries;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.SourceSummary;
import dev.pillion.central.store.ResourceFilter;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerResponse;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * {@code /loki/api/v1}: what Grafana's Loki data source and its Explore ask. Errors are plain text,
 * as Loki's are.
 *
 * @see <a href="https://grafana.com/docs/loki/latest/reference/loki-http-api/">Loki's HTTP API</a>
 */
public final class LokiService implements HttpService {

    /** As a data source tells what it can do by the version of what answers. */
    private static final String VERSION = "2.9.0";

    private static final HeaderName ENCODING_FLAGS =
            HeaderNames.create("X-Loki-Response-Encoding-Flags");
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_SOURCES = 10_000;

    private final LogStore store;
    private final Queries queries;
    private final Counting counting;

    public LokiService(LogStore store, Queries queries) {
        this.store = store;
        this.queries = queries;
        this.counting = new Counting(store);
    }

    @Override
    public void routing(HttpRules rules) {
        either(rules, "/query_range", this::queryRange);
        either(rules, "/query", this::query);
        either(rules, "/labels", this::labels);
        either(rules, "/label/{name}/values", this::values);
        either(rules, "/series", this::series);
        either(rules, "/index/stats", this::stats);
        rules.get("/status/buildinfo", handler(LokiService::buildInfo))
                .get("/tail", handler(LokiService::tailByPlainHttp));
    }

    /** By {@code GET}, or by {@code POST} for queries too long for an address. */
    private void either(HttpRules rules, String path, Queries.Query query) {
        rules.get(path, handler(query)).post(path, handler(query));
    }

    private Handler handler(Queries.Query query) {
        return queries.handler(LokiService::problem, query);
    }

    static void problem(ServerResponse response, int status, String message, int column) {
        response.status(Status.create(status));
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        String text =
                column > 0 ? "parse error at line 1, col " + column + ": " + message : message;
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void success(ServerResponse response, String data) {
        Answers.json(response, "{\"status\":\"success\",\"data\":" + data + "}");
    }

    /** The parameters {@code start}, {@code end} and {@code since}. */
    private static Selection range(Asked asked, LogQl.Lines lines, long byDefault) {
        long now = TimeUnit.MILLISECONDS.toNanos(asked.now());
        String endText = asked.text("end");
        String startText = asked.text("start");
        String since = asked.text("since");
        long end = endText.isEmpty() ? now : LokiTimes.time("end", endText, now);
        long start =
                !startText.isEmpty()
                        ? LokiTimes.time("start", startText, now)
                        : Math.min(end, now)
                                - (since.isEmpty() ? byDefault : LokiTimes.step(since));
        if (start >= end) {
            throw new IllegalArgumentException("end timestamp must not be before start timestamp");
        }
        return new Selection(
                lines.condition(),
                new ResourceFilter.Both(List.of(asked.resources(), lines.resources())),
                start,
                end);
    }

    private long queryRange(Asked asked, ServerResponse response) {
        return switch (LogQlParser.parse(asked.text("query"))) {
            case LogQl.Lines lines -> lines(asked, response, lines);
            case LogQl.Counts counts -> {
                Selection selection = range(asked, counts.lines(), LokiTimes.HOUR);
                long step =
                        asked.text("step").isEmpty()
                                ? Math.max(
                                        (selection.to() - selection.from()) / 250, LokiTimes.SECOND)
                                : LokiTimes.step(asked.text("step"));
                success(
                        response,
                        "{\"resultType\":\"matrix\",\"result\":"
                                + counting.matrix(asked, counts, selection, step)
                                + ",\"stats\":{}}");
                yield 0;
            }
            case LogQl.Constant constant ->
                    throw new IllegalArgumentException(
                            "a constant is answered by /loki/api/v1/query: " + constant.value());
        };
    }

    private long query(Asked asked, ServerResponse response) {
        long now = TimeUnit.MILLISECONDS.toNanos(asked.now());
        long time =
                asked.text("time").isEmpty()
                        ? now
                        : LokiTimes.time("time", asked.text("time"), now);
        return switch (LogQlParser.parse(asked.text("query"))) {
            case LogQl.Lines lines ->
                    throw new IllegalArgumentException(
                            "log queries are not supported as an instant query type, please change"
                                    + " your query to a range query type");
            case LogQl.Counts counts -> {
                success(
                        response,
                        "{\"resultType\":\"vector\",\"result\":"
                                + counting.vector(asked, counts, time)
                                + ",\"stats\":{}}");
                yield 0;
            }
            case LogQl.Constant constant -> {
                success(
                        response,
                        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":["
                                + LokiTimes.seconds(time)
                                + ",\""
                                + Counting.number(constant.value())
                                + "\"]}],\"stats\":{}}");
                yield 0;
            }
        };
    }

    private long lines(Asked asked, ServerResponse response, LogQl.Lines lines) {
        Selection selection = range(asked, lines, LokiTimes.HOUR);
        boolean newestFirst =
                switch (asked.text("direction").toLowerCase(Locale.ROOT)) {
                    case "", "backward" -> true;
                    case "forward" -> false;
                    default ->
                            throw new IllegalArgumentException(
                                    "direction: write backward or forward");
                };
        int limit = asked.number("limit", DEFAULT_LIMIT, 1, queries.limits().page());
        Page page =
                asked.ask(
                        deadline ->
                                store.search(
                                        selection, Optional.empty(), newestFirst, limit, deadline));
        boolean apart =
                asked.request()
                        .headers()
                        .first(ENCODING_FLAGS)
                        .orElse("")
                        .contains("categorize-labels");
        Streams streams = new Streams(apart);
        page.records().forEach(streams::add);
        success(
                response,
                "{\"resultType\":\"streams\",\"result\":"
                        + streams.json()
                        + (apart ? ",\"encodingFlags\":[\"categorize-labels\"]" : "")
                        + ",\"stats\":{}}");
        return page.records().size();
    }

    /** The resources that the parameter {@code query}, a selector, and the times leave. */
    private List<SourceSummary> sources(Asked asked, String selector) {
        LogQl.Lines lines = LogQlParser.parseLines(selector.isBlank() ? "{}" : selector);
        Selection selection = range(asked, lines, 6 * LokiTimes.HOUR);
        return asked.ask(
                deadline ->
                        store.sources(
                                selection.resources(),
                                selection.from(),
                                selection.to(),
                                MAX_SOURCES,
                                deadline));
    }

    private long labels(Asked asked, ServerResponse response) {
        Set<String> names = new TreeSet<>();
        for (SourceSummary source : sources(asked, asked.text("query"))) {
            names.addAll(Labels.of(source.resource()).keySet());
            names.add(Labels.LEVEL);
        }
        success(response, array(names));
        return 0;
    }

    private long values(Asked asked, ServerResponse response) {
        String name = asked.request().path().pathParameters().get("name");
        Set<String> values = new TreeSet<>();
        if (Labels.isLevel(name)) {
            LogQl.Lines lines =
                    LogQlParser.parseLines(
                            asked.text("query").isBlank() ? "{}" : asked.text("query"));
            Selection selection = range(asked, lines, 6 * LokiTimes.HOUR);
            asked.ask(deadline -> store.facets(selection, List.of("severity"), 10, deadline))
                    .get("severity")
                    .forEach(value -> values.add(Labels.levelOf(value.value())));
        } else {
            for (SourceSummary source : sources(asked, asked.text("query"))) {
                String value = Labels.of(source.resource()).get(name);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        success(response, array(values));
        return 0;
    }

    private static String array(Collection<String> texts) {
        return texts.stream().map(Json::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    private long series(Asked asked, ServerResponse response) {
        Set<SortedMap<String, String>> series = new LinkedHashSet<>();
        List<String> selectors = asked.all("match[]");
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("0 matcher groups supplied: write match[]={…}");
        }
        for (String selector : selectors) {
            for (SourceSummary source : sources(asked, selector)) {
                series.add(Labels.of(source.resource()));
            }
        }
        success(
                response,
                series.stream().map(Streams::object).collect(Collectors.joining(",", "[", "]")));
        return 0;
    }

    private long stats(Asked asked, ServerResponse response) {
        List<SourceSummary> sources = sources(asked, asked.text("query"));
        Set<Map<String, String>> streams = new LinkedHashSet<>();
        long entries = 0;
        for (SourceSummary source : sources) {
            Origin resource = source.resource();
            streams.add(Labels.of(resource));
            entries += source.records();
        }
        // Neither is kept by source; Grafana shows the bytes as a hint only.
        Answers.json(
                response,
                "{\"streams\":"
                        + streams.size()
                        + ",\"chunks\":"
                        + sources.size()
                        + ",\"entries\":"
                        + entries
                        + ",\"bytes\":0}");
        return 0;
    }

    private static long buildInfo(Asked asked, ServerResponse response) {
        Answers.json(
                response,
                "{\"version\":\""
                        + VERSION
                        + "\",\"revision\":\"\",\"branch\":\"\",\"buildUser\":\"log-central\","
                        + "\"buildDate\":\"\",\"goVersion\":\"\"}");
        return 0;
    }

    private static long tailByPlainHttp(Asked asked, ServerResponse response) {
        LogQlParser.parseLines(asked.text("query"));
        throw new IllegalArgumentException("tail is a WebSocket: send Upgrade: websocket");
    }
}
