package dev.pillion.central.query;

import dev.pillion.central.ingest.Json;
import dev.pillion.central.ingest.ProtobufWriter;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Deadline;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.LogStore.Cursor;
import dev.pillion.central.store.LogStore.Page;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.LogStore.StoredRecord;
import dev.pillion.central.store.QueryStopped;
import dev.pillion.central.store.ResourceFilter;
import dev.pillion.central.store.Severities;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The reading API under {@code /api}: search, histogram, facets, context, sources. Runs on
 * Helidon's virtual thread of the request; a semaphore bounds how many queries run at once, so that
 * reading cannot starve taking in.
 *
 * @see LogStore what answers
 */
public final class ReadingService implements HttpService {

    private static final long MINUTE = 60_000_000_000L;
    private static final long DEFAULT_RANGE = 60 * MINUTE;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_CONTEXT = 1000;
    private static final int MAX_BUCKETS = 2000;
    private static final int MAX_FIELDS = 20;
    private static final int TOP_VALUES = 20;
    private static final int MAX_SOURCES = 1000;

    /** Records read at a time when all of a result is exported. */
    private static final int EXPORT_PAGE = 1000;

    private final LogStore store;
    private final QueryLimits limits;
    private final Clock clock;
    private final Semaphore running;

    public ReadingService(LogStore store, QueryLimits limits, Clock clock) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
        this.running = new Semaphore(limits.concurrent(), true);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/logs", guarded(this::logs))
                .get("/histogram", guarded(this::histogram))
                .get("/facets", guarded(this::facets))
                .get("/context", guarded(this::context))
                .get("/sources", guarded(this::sources));
    }

    private Handler guarded(Handler handler) {
        return (request, response) -> {
            try {
                if (!running.tryAcquire(limits.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                    response.header(HeaderNames.RETRY_AFTER, "5");
                    problem(
                            response,
                            429,
                            "too many queries run at once (central.query.concurrent)",
                            0);
                    return;
                }
                try {
                    handler.handle(request, response);
                } finally {
                    running.release();
                }
            } catch (QuerySyntax e) {
                problem(response, 400, e.getMessage(), e.column());
            } catch (IllegalArgumentException e) {
                problem(response, 400, e.getMessage(), 0);
            } catch (QueryStopped e) {
                problem(response, 503, e.getMessage(), 0);
            }
        };
    }

    /** An error as the reading API gives it; the column counts from 1, 0 is none. */
    public static void problem(ServerResponse response, int status, String message, int column) {
        response.status(Status.create(status));
        String json = "{\"error\":" + Json.quoted(message);
        if (column > 0) {
            json += ",\"column\":" + column;
        }
        sendJson(response, json + "}");
    }

    private static void sendJson(ServerResponse response, String json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String parameter(ServerRequest request, String name) {
        return request.query().first(name).orElse("");
    }

    /** The condition of the parameter {@code query}. */
    public static Condition condition(ServerRequest request) {
        return QueryParser.parse(parameter(request, "query"));
    }

    private Selection selection(ServerRequest request) {
        long now = TimeUnit.MILLISECONDS.toNanos(clock.millis());
        String to = parameter(request, "to");
        String from = parameter(request, "from");
        long end = to.isEmpty() ? now + MINUTE : Times.parse("to", to, now);
        long start = from.isEmpty() ? end - DEFAULT_RANGE : Times.parse("from", from, now);
        if (start >= end) {
            throw new IllegalArgumentException("from must be before to");
        }
        return new Selection(condition(request), start, end);
    }

    private static int number(
            ServerRequest request, String name, int byDefault, int least, int most) {
        String text = parameter(request, name);
        if (text.isEmpty()) {
            return byDefault;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                name + ": '" + text + "' is not a number from " + least + " to " + most);
    }

    private void logs(ServerRequest request, ServerResponse response) {
        Selection selection = selection(request);
        boolean newestFirst =
                switch (parameter(request, "direction")) {
                    case "", "backward" -> true;
                    case "forward" -> false;
                    default ->
                            throw new IllegalArgumentException(
                                    "direction: write backward (newest first) or forward");
                };
        Optional<Cursor> after = cursor(parameter(request, "cursor"));
        String accept = request.headers().first(HeaderNames.ACCEPT).orElse("");
        Optional<Export> export = Export.of(accept);
        if (export.isPresent()) {
            int limit = number(request, "limit", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
            export(response, export.get(), selection, after, newestFirst, limit);
            return;
        }
        int limit = number(request, "limit", DEFAULT_LIMIT, 1, limits.page());
        Page page =
                store.search(selection, after, newestFirst, limit, new Deadline(limits.timeout()));
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
        sendJson(response, json.append('}').toString());
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
    private void export(
            ServerResponse response,
            Export export,
            Selection selection,
            Optional<Cursor> first,
            boolean newestFirst,
            int limit) {
        response.header(HeaderNames.CONTENT_TYPE, export.type());
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        Optional<Cursor> after = first;
        int left = limit;
        try (OutputStream out = response.outputStream()) {
            out.write(export.head().getBytes(StandardCharsets.UTF_8));
            while (left > 0) {
                Page page =
                        store.search(
                                selection,
                                after,
                                newestFirst,
                                Math.min(left, EXPORT_PAGE),
                                new Deadline(limits.timeout()));
                for (StoredRecord record : page.records()) {
                    out.write(export.record(record));
                }
                if (!page.more()) {
                    break;
                }
                left -= page.records().size();
                StoredRecord last = page.records().getLast();
                after = Optional.of(new Cursor(last.time(), last.number()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void histogram(ServerRequest request, ServerResponse response) {
        Selection selection = selection(request);
        String text = parameter(request, "interval");
        long interval =
                text.isEmpty()
                        ? roundInterval((selection.to() - selection.from()) / 100)
                        : Times.interval(text);
        if ((selection.to() - selection.from()) / interval > MAX_BUCKETS) {
            throw new IllegalArgumentException(
                    "interval: more than " + MAX_BUCKETS + " buckets; take a longer one");
        }
        String by = parameter(request, "by");
        if (!by.isEmpty() && !by.equals("severity")) {
            throw new IllegalArgumentException("by: only severity is known");
        }
        long total = 0;
        StringBuilder buckets = new StringBuilder();
        for (LogStore.Bucket bucket :
                store.histogram(selection, interval, new Deadline(limits.timeout()))) {
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
        sendJson(
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

    private void facets(ServerRequest request, ServerResponse response) {
        Selection selection = selection(request);
        List<String> fields = new ArrayList<>();
        for (String field : List.of(parameter(request, "fields").split(",", -1))) {
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
                store.facets(selection, fields, TOP_VALUES, new Deadline(limits.timeout()));
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
        sendJson(response, json.append("}}").toString());
    }

    private void context(ServerRequest request, ServerResponse response) {
        String id = parameter(request, "id");
        long number;
        try {
            number = Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("id: '" + id + "' is not a record's id");
        }
        int before = number(request, "before", 10, 0, MAX_CONTEXT);
        int after = number(request, "after", 10, 0, MAX_CONTEXT);
        List<StoredRecord> records =
                store.context(
                        number, ResourceFilter.ALL, before, after, new Deadline(limits.timeout()));
        if (records.isEmpty()) {
            problem(response, 404, "there is no record " + number, 0);
            return;
        }
        StringBuilder json = new StringBuilder("{\"id\":\"" + number + "\",\"records\":[");
        records(records, json);
        sendJson(response, json.append("]}").toString());
    }

    private void sources(ServerRequest request, ServerResponse response) {
        Selection selection = selection(request);
        StringBuilder json = new StringBuilder("{\"sources\":[");
        String comma = "";
        for (LogStore.SourceSummary source :
                store.sources(
                        ResourceFilter.ALL,
                        selection.from(),
                        selection.to(),
                        MAX_SOURCES,
                        new Deadline(limits.timeout()))) {
            json.append(comma).append("{\"resource\":");
            comma = ",";
            json.append(RecordJson.attributes(source.resource()));
            json.append(",\"records\":").append(source.records());
            json.append(",\"earliest\":\"").append(Times.format(source.earliest()));
            json.append("\",\"latest\":\"").append(Times.format(source.latest())).append("\"}");
        }
        sendJson(response, json.append("]}").toString());
    }

    /** How a whole result is written. */
    private enum Export {
        NDJSON("application/x-ndjson", ""),
        CSV("text/csv; charset=utf-8", "time,severity,service.name,scope,body\r\n"),
        OTLP("application/x-protobuf", "");

        private final String type;
        private final String head;

        Export(String type, String head) {
            this.type = type;
            this.head = head;
        }

        static Optional<Export> of(String accept) {
            if (accept.contains("application/x-ndjson")) {
                return Optional.of(NDJSON);
            }
            if (accept.contains("text/csv")) {
                return Optional.of(CSV);
            }
            return accept.contains("application/x-protobuf") ? Optional.of(OTLP) : Optional.empty();
        }

        String type() {
            return type;
        }

        String head() {
            return head;
        }

        byte[] record(StoredRecord record) {
            return switch (this) {
                case NDJSON -> (RecordJson.of(record) + "\n").getBytes(StandardCharsets.UTF_8);
                case CSV -> Csv.line(record).getBytes(StandardCharsets.UTF_8);
                case OTLP -> otlp(record);
            };
        }

        /** Requests one behind the other are one request: protobuf concatenates repeated fields. */
        private static byte[] otlp(StoredRecord record) {
            ProtobufWriter out = new ProtobufWriter();
            int resourceLogs = out.begin(1);
            out.bytes(1, record.resource().message());
            int scopeLogs = out.begin(2);
            out.bytes(1, record.scope().message());
            out.bytes(2, record.data(), record.offset(), record.length());
            if (!record.scope().schemaUrl().isEmpty()) {
                out.text(3, record.scope().schemaUrl());
            }
            out.end(scopeLogs);
            if (!record.resource().schemaUrl().isEmpty()) {
                out.text(3, record.resource().schemaUrl());
            }
            out.end(resourceLogs);
            return out.toBytes();
        }
    }
}
