import dev.pillion.central.ingest.ProtobufWriter;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/**
 * Sends pre-encoded OTLP batches of 1000 records, gzip, from two senders to a fresh server, then
 * asks and checks the answers. Prints the server's CPU seconds, read from /proc. See the README
 * beside.
 *
 * <p>Arguments: records in millions, java, jar, work folder.
 */
public class Bench {

    private static final int BATCH = 1000;
    private static final int PODS = 48;
    private static final int SENDERS = 2;
    private static final long DAY = 86_400_000_000_000L;

    private final HttpClient http = HttpClient.newHttpClient();
    private final long start = System.currentTimeMillis() * 1_000_000 - DAY;
    private Process server;
    private String address;

    void main(String[] args) throws Exception {
        int batches = (int) (Double.parseDouble(args[0]) * 1_000_000 / BATCH);
        Path work = Path.of(args[3]);
        List<byte[]> bodies = new ArrayList<>();
        long plain = 0;
        Random random = new Random(7);
        for (int i = 0; i < batches; i++) {
            byte[] body = batch(random, i, batches);
            plain += body.length;
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(body);
            }
            bodies.add(packed.toByteArray());
        }
        long records = (long) batches * BATCH;
        System.out.printf("%d records, %d bytes of OTLP each%n", records, plain / records);
        start(args, work);
        double before = cpuSeconds();
        long wall = System.nanoTime();
        long[] acknowledged = send(bodies);
        wall = System.nanoTime() - wall;
        double ingest = cpuSeconds() - before;
        System.out.printf(
                "ingest: %.1f CPU s, %.0f records per CPU s, %.1f s wall, acknowledged p50 %.1f ms p99 %.1f ms%n",
                ingest,
                records / ingest,
                wall / 1e9,
                acknowledged[acknowledged.length / 2] / 1e6,
                acknowledged[acknowledged.length * 99 / 100] / 1e6);
        TimeUnit.SECONDS.sleep(20);
        System.out.printf(
                "with sealing: %.1f CPU s, %.0f records per CPU s; RSS %d MiB, highest %d MiB; disk %.1f B per record, of it chunks %.1f%n",
                cpuSeconds() - before,
                records / (cpuSeconds() - before),
                status("VmRSS") / 1024,
                status("VmHWM") / 1024,
                (double) size(work.resolve("data")) / records,
                (double) size(work.resolve("data/days")) / records);
        String range =
                "&from=" + (start - 60_000_000_000L) + "&to=" + (start + DAY + 60_000_000_000L);
        ask("count of all", "/api/histogram?interval=1d" + range, "\"total\":" + records);
        ask("histogram per minute", "/api/histogram?interval=1m" + range, "\"total\":" + records);
        ask("severity facet", "/api/facets?fields=severity" + range, "\"INFO\"");
        ask("needle word", "/api/logs?query=needle4711x" + range, "needle4711x");
        ask("substring", "/api/logs?query=" + encode("*edle4711*") + range, "needle4711x");
        ask(
                "newest 100 of a service",
                "/api/logs?query=service.name:service-7" + range,
                "service-7");
        ask(
                "regex",
                "/api/histogram?interval=1d&query=" + encode("/blk_-?\\d+9 /") + range,
                "total");
        ask(
                "common word's histogram",
                "/api/histogram?interval=1h&query=PacketResponder" + range,
                "total");
        server.destroyForcibly().waitFor();
        long restart = System.nanoTime();
        start(args, work);
        System.out.printf("restart after kill -9: %.1f s%n", (System.nanoTime() - restart) / 1e9);
        ask("count after restart", "/api/histogram?interval=1d" + range, "\"total\":" + records);
        server.destroy();
        server.waitFor();
    }

    private void start(String[] args, Path work) throws Exception {
        int port;
        try (var socket = new java.net.ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        address = "http://127.0.0.1:" + port;
        server =
                new ProcessBuilder(
                                args[1],
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-Dserver.port=" + port,
                                "-Dcentral.data-directory=" + work.resolve("data"),
                                "-jar",
                                args[2])
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("server.out").toFile())
                        .start();
        while (true) {
            try {
                get("/health/ready");
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private byte[] batch(Random random, int index, int batches) {
        int pod = index % PODS;
        ProtobufWriter out = new ProtobufWriter();
        int resourceLogs = out.begin(1);
        int resource = out.begin(1);
        attribute(out, 1, "service.name", "service-" + pod % 16);
        attribute(out, 1, "k8s.namespace.name", "shop");
        attribute(out, 1, "k8s.pod.name", "service-" + pod % 16 + "-7d9f8b6c4-" + pod);
        attribute(out, 1, "log.file.path", "/var/log/app/application-" + pod + ".log");
        attribute(out, 1, "log.file.id", "66305:" + (1_000_000 + pod));
        out.end(resource);
        int scopeLogs = out.begin(2);
        int scope = out.begin(1);
        out.text(1, "dfs.DataNode$PacketResponder");
        out.end(scope);
        long step = DAY / batches / BATCH;
        long time = start + DAY / batches * index;
        for (int i = 0; i < BATCH; i++) {
            time += step;
            int record = out.begin(2);
            // Logs have milliseconds.
            out.fixed64(1, time / 1_000_000 * 1_000_000);
            int kind = random.nextInt(100);
            int severity = kind < 3 ? 17 : kind < 8 ? 13 : kind < 20 ? 5 : 9;
            out.varint(2, severity);
            out.text(
                    3,
                    severity == 17
                            ? "ERROR"
                            : severity == 13 ? "WARN" : severity == 5 ? "DEBUG" : "INFO");
            int body = out.begin(5);
            out.text(1, line(random, kind, (long) index * BATCH + i));
            out.end(body);
            attribute(out, 6, "thread.name", "worker-" + random.nextInt(16));
            int pair = out.begin(6);
            out.text(1, "log.file.position");
            int value = out.begin(2);
            out.varint(3, ((long) (index / PODS) * BATCH + i) * 120);
            out.end(value);
            out.end(pair);
            out.fixed64(11, start + DAY + index * 1_000_000L);
            out.end(record);
        }
        out.end(scopeLogs);
        out.end(resourceLogs);
        return out.toBytes();
    }

    private static String line(Random random, int kind, long number) {
        if (number % 200_000 == 77) {
            return "found needle4711x in the haystack of " + number;
        }
        if (kind < 3) {
            return "Connection to 10.250."
                    + random.nextInt(256)
                    + "."
                    + random.nextInt(256)
                    + ":50010 failed after "
                    + random.nextInt(30000)
                    + " ms, request "
                    + random.nextLong();
        }
        if (kind < 50) {
            return "PacketResponder "
                    + random.nextInt(3)
                    + " for block blk_"
                    + random.nextLong()
                    + " terminating";
        }
        if (kind < 80) {
            return "Received block blk_"
                    + random.nextLong()
                    + " of size 67108864 from /10.250."
                    + random.nextInt(256)
                    + "."
                    + random.nextInt(256);
        }
        return "10.1.4."
                + random.nextInt(256)
                + " GET /orders/"
                + random.nextInt(100000)
                + " HTTP/1.1 200 "
                + random.nextInt(9000)
                + " "
                + random.nextInt(400)
                + "ms";
    }

    private static void attribute(ProtobufWriter out, int field, String key, String value) {
        int pair = out.begin(field);
        out.text(1, key);
        int any = out.begin(2);
        out.text(1, value);
        out.end(any);
        out.end(pair);
    }

    /** Each sender takes the pods of its own, so that files stay in order. */
    private long[] send(List<byte[]> bodies) throws Exception {
        long[] nanos = new long[bodies.size()];
        AtomicLong waited = new AtomicLong();
        List<Thread> senders = new ArrayList<>();
        for (int s = 0; s < SENDERS; s++) {
            int own = s;
            senders.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = own; i < bodies.size(); i += SENDERS) {
                                            nanos[i] = post(bodies.get(i), waited);
                                        }
                                    }));
        }
        for (Thread sender : senders) {
            sender.join();
        }
        if (waited.get() > 0) {
            System.out.println("answered 429 or 503 and sent again: " + waited.get());
        }
        return Arrays.stream(nanos).sorted().toArray();
    }

    private long post(byte[] body, AtomicLong waited) {
        try {
            while (true) {
                long from = System.nanoTime();
                int status =
                        http.send(
                                        HttpRequest.newBuilder(URI.create(address + "/v1/logs"))
                                                .header("Content-Type", "application/x-protobuf")
                                                .header("Content-Encoding", "gzip")
                                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                                .build(),
                                        HttpResponse.BodyHandlers.discarding())
                                .statusCode();
                if (status == 200) {
                    return System.nanoTime() - from;
                }
                if (status != 429 && status != 503) {
                    throw new IllegalStateException("answered " + status);
                }
                waited.incrementAndGet();
                TimeUnit.MILLISECONDS.sleep(200);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(address + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void ask(String name, String path, String expected) throws Exception {
        int runs = 5;
        double best = Double.MAX_VALUE;
        String answer = get(path);
        double before = cpuSeconds();
        for (int i = 0; i < runs; i++) {
            long from = System.nanoTime();
            answer = get(path);
            best = Math.min(best, (System.nanoTime() - from) / 1e6);
        }
        System.out.printf(
                "%-26s %6.0f CPU ms, best %6.1f ms, %s%n",
                name,
                (cpuSeconds() - before) * 1000 / runs,
                best,
                answer.contains(expected)
                        ? "as expected"
                        : "WRONG: " + answer.substring(0, Math.min(200, answer.length())));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + server.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    private long status(String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private static long size(Path folder) throws IOException {
        try (var files = Files.walk(folder).sorted(Comparator.reverseOrder())) {
            return files.mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        }
    }
}
