package dev.pillion.central.query;

import dev.pillion.central.access.Access;
import dev.pillion.central.ingest.Json;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.Severities;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The reading API under {@code /api}: search, histogram, facets, context, sources, files. Runs on
 * Helidon's virtual thread of the request.
 *
 * @see Queries what each request passes first
 * @see LogStore what answers
 */
public final class ReadingService implements HttpService {

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_CONTEXT = 1000;
    private static final int MAX_BUCKETS = 2000;
    private static final int MAX_FIELDS = 20;
    private static final int TOP_VALUES = 20;
    private static final int MAX_SOURCES = 1000;
    private static final int MAX_FILES = 1000;

    /** Records read at a time when all of a result is exported; each page opens its chunks anew. */
    private static final int EXPORT_PAGE = 8192;

    private final LogStore store;
    private final Queries queries;
    private final Access access;

    public ReadingService(LogStore store, Queries queries, Access access) {
        this.store = store;
        this.queries = queries;
        this.access = access;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/logs", queries.handler(Answers::problem, this::logs))
                .get("/histogram", queries.handler(Answers::problem, this::histogram))
                .get("/facets", queries.handler(Answers::problem, this::facets))
                .get("/context", queries.handler(Answers::problem, this::context))
                .get("/sources", queries.handler(Answers::problem, this::sources))
                .get(
                        "/files",
                        queries.handler(access::readingOrSending, Answers::problem, this::files))
                .any(ReadingService::nothing);
    }

    private static void nothing(ServerRequest request, ServerResponse response) {
        Answers.problem(
                response,
                404,
                "there is no "
                        + request.prologue().method().text()
                        + " "
                        + request.path().absolute().path()
                        + "; /openapi tells what there is",
                0);
    }

    private long logs(Asked asked, ServerResponse response) {
        asked.only("query", "from", "to", "limit", "cursor", "direction");
        Selection selection = asked.selection();
        boolean newestFirst =
                switch (asked.text("direction")) {
                    case "", "backward" -> true;
                    case "forward" -> false;
                    default ->
                            throw new IllegalArgumentException(
                                    "direction: write backward (newest first) or forward");
                };
        Optional<Cursor> after = cursor(asked.text("cursor"));
        String accept = asked.request().headers().first(HeaderNames.ACCEPT).orElse("");
        Optional<Export> export = Export.of(accept);
        if (export.isPresent()) {
            int limit = asked.number("limit", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
            return export(asked, response, export.get(), selection, after, newestFirst, limit);
        }
        int limit = asked.number("limit", DEFAULT_LIMIT, 1, queries.limits().page());
        Page page =
                asked.ask(deadline -> store.search(selection, after, newestFirst, limit, deadline));
        StringBuilder json = new StringBuilder("{\"records\":[");
        records(page.records(), json);
        json.append("],\"from\":\"").append(Times.format(selection.from()));
        json.append("\",\"to\":\"").append(Times.format(selection.to())).append("\",\"next\":");
        if (page.more()) {
            StoredRecord last = page.records().getLast();
            json.append('"').append(last.time()).append('.').append(last.number()).append('"');
        } else {
            json.append("null");
        }
        Answers.json(response, json.append('}').toString());
        return page.records().size();
    }

    private static void records(List<StoredRecord> records, StringBuilder json) {
        for (int i = 0; i < records.size(); i++) {
            json.append(i > 0 ? ",\n" : "").append(RecordJson.of(records.get(i)));
        }
    }

    private static Optional<Cursor> cursor(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            int dot = text.indexOf('.');
            return Optional.of(
                    new Cursor(
                            Long.parseLong(text.substring(0, dot)),
                            Long.parseLong(text.substring(dot + 1))));
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("cursor: this is not one that was given out");
        }
    }

    /** Pages through everything, so that memory holds one page whatever the size of the result. */
    private long export(
            Asked asked,
            ServerResponse response,
            Export export,
            Selection selection,
            Optional<Cursor> first,
            boolean newestFirst,
            int limit) {
        // The first page before the answer begins, so that a mistake still has its own status.
        Page page =
                asked.ask(
                        deadline ->
                                store.search(
                                        selection,
                                        first,
                                        newestFirst,
                                        Math.min(limit, EXPORT_PAGE),
                                        deadline));
        response.header(HeaderNames.CONTENT_TYPE, export.type());
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        long given = 0;
        try (OutputStream out = response.outputStream()) {
            out.write(export.head().getBytes(StandardCharsets.UTF_8));
            while (true) {
                for (StoredRecord record : page.records()) {
                    out.write(export.record(record));
                }
                given += page.records().size();
                if (!page.more() || given >= limit) {
                    return given;
                }
                StoredRecord last = page.records().getLast();
                Cursor after = new Cursor(last.time(), last.number());
                int more = (int) Math.min(limit - given, EXPORT_PAGE);
                page =
                        asked.askMore(
                                deadline ->
                                        store.search(
                                                selection,
                                                Optional.of(after),
                                                newestFirst,
                                                more,
                                                deadline));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long histogram(Asked asked, ServerResponse response) {
        asked.only("query", "from", "to", "interval", "by");
        Selection selection = asked.selection();
        String text = asked.text("interval");
        long interval =
                text.isEmpty()
                        ? roundInterval((selection.to() - selection.from()) / 100)
                        : Times.interval(text);
        if ((selection.to() - selection.from()) / interval > MAX_BUCKETS) {
            throw new IllegalArgumentException(
                    "interval: more than " + MAX_BUCKETS + " buckets; take a longer one");
        }
        String by = asked.text("by");
        if (!by.isEmpty() && !by.equals("severity")) {
            throw new IllegalArgumentException("by: only severity is known");
        }
        long total = 0;
        StringBuilder buckets = new StringBuilder();
        for (LogStore.Bucket bucket :
                asked.ask(deadline -> store.histogram(selection, interval, deadline))) {
            buckets.append(buckets.isEmpty() ? "" : ",");
            int sum = Arrays.stream(bucket.counts()).sum();
            total += sum;
            buckets.append("{\"time\":\"").append(Times.format(bucket.start()));
            buckets.append("\",\"total\":").append(sum);
            for (int band = 0; band < bucket.counts().length; band++) {
                if (bucket.counts()[band] > 0) {
                    buckets.append(",\"")
                            .append(Severities.BANDS.get(band).toLowerCase(Locale.ROOT))
                            .append("\":")
                            .append(bucket.counts()[band]);
                }
            }
            buckets.append('}');
        }
        Answers.json(
                response,
                "{\"from\":\""
                        + Times.format(selection.from())
                        + "\",\"to\":\""
                        + Times.format(selection.to())
                        + "\",\"intervalSeconds\":"
                        + interval / 1_000_000_000L
                        + ",\"total\":"
                        + total
                        + ",\"buckets\":["
                        + buckets
                        + "]}");
        return total;
    }

    private static long roundInterval(long wanted) {
        int[] seconds = {1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200};
        for (int one : seconds) {
            if (one * 1_000_000_000L >= wanted) {
                return one * 1_000_000_000L;
            }
        }
        return Math.ceilDiv(wanted, 86400_000_000_000L) * 86400_000_000_000L;
    }

    private long facets(Asked asked, ServerResponse response) {
        asked.only("query", "from", "to", "fields");
        Selection selection = asked.selection();
        List<String> fields = new ArrayList<>();
        for (String field : List.of(asked.text("fields").split(",", -1))) {
            if (!field.isBlank()) {
                fields.add(field.trim());
            }
        }
        if (fields.isEmpty()) {
            fields.addAll(List.of("severity", "service.name"));
        }
        if (fields.size() > MAX_FIELDS) {
            throw new IllegalArgumentException("fields: at most " + MAX_FIELDS);
        }
        Map<String, List<LogStore.ValueCount>> facets =
                asked.ask(deadline -> store.facets(selection, fields, TOP_VALUES, deadline));
        StringBuilder json = new StringBuilder("{\"fields\":{");
        String comma = "";
        for (Map.Entry<String, List<LogStore.ValueCount>> facet : facets.entrySet()) {
            json.append(comma);
            comma = ",";
            Json.quote(facet.getKey(), json);
            json.append(":[");
            String inner = "";
            for (LogStore.ValueCount value : facet.getValue()) {
                json.append(inner).append("{\"value\":");
                inner = ",";
                Json.quote(value.value(), json);
                json.append(",\"count\":").append(value.count()).append('}');
            }
            json.append(']');
        }
        Answers.json(response, json.append("}}").toString());
        return 0;
    }

    private long context(Asked asked, ServerResponse response) {
        asked.only("id", "before", "after");
        String id = asked.text("id");
        long number;
        try {
            number = Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("id: '" + id + "' is not a record's id");
        }
        int before = asked.number("before", 10, 0, MAX_CONTEXT);
        int after = asked.number("after", 10, 0, MAX_CONTEXT);
        List<StoredRecord> records =
                asked.ask(
                        deadline ->
                                store.context(number, asked.resources(), before, after, deadline));
        if (records.isEmpty()) {
            Answers.problem(response, 404, "there is no record " + number, 0);
            return 0;
        }
        StringBuilder json = new StringBuilder("{\"id\":\"" + number + "\",\"records\":[");
        records(records, json);
        Answers.json(response, json.append("]}").toString());
        return records.size();
    }

    private long sources(Asked asked, ServerResponse response) {
        asked.only("from", "to");
        Selection selection = asked.selection();
        StringBuilder json = new StringBuilder("{\"sources\":[");
        String comma = "";
        for (LogStore.SourceSummary source :
                asked.ask(
                        deadline ->
                                store.sources(
                                        selection.resources(),
                                        selection.from(),
                                        selection.to(),
                                        MAX_SOURCES,
                                        deadline))) {
            json.append(comma).append("{\"resource\":");
            comma = ",";
            json.append(RecordJson.attributes(source.resource()));
            json.append(",\"records\":").append(source.records());
            json.append(",\"earliest\":\"").append(Times.format(source.earliest()));
            json.append("\",\"latest\":\"").append(Times.format(source.latest())).append("\"}");
        }
        Answers.json(response, json.append("]}").toString());
        return 0;
    }

    /** What is safe of files, for whoever sends them. */
    private long files(Asked asked, ServerResponse response) {
        asked.only("id");
        List<String> ids = asked.all("id");
        if (ids.size() > MAX_FILES) {
            throw new IllegalArgumentException("id: at most " + MAX_FILES + " in one request");
        }
        StringBuilder json = new StringBuilder("{\"files\":[");
        String comma = "";
        for (LogStore.FileMark file : store.files(ids, asked.grant().namespaces(), MAX_FILES)) {
            json.append(comma).append("{\"id\":");
            comma = ",";
            Json.quote(file.id(), json);
            json.append(",\"records\":").append(file.records());
            json.append(",\"position\":").append(file.position()).append('}');
        }
        Answers.json(response, json.append("]}").toString());
        return 0;
    }
}
