import jdk.jfr.consumer.RecordingFile;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/**
 * Sends pre-encoded OTLP batches of 1000 records, gzip, from two senders to a fresh server, asks
 * and checks the answers, sends slowly while others ask, kills it under load and starts it again.
 * Prints the server's CPU seconds, read from /proc. See the README beside.
 *
 * <p>Arguments: records in millions, java, jar, work folder, then options for the server's JVM.
 * What is sent is written to the work folder first and used again by the next run.
 */
public class Bench {

    private static final int SENDERS = 2;

    private final HttpClient http = HttpClient.newHttpClient();

    /** For so long, in nanoseconds, nothing changes any more: two commits. */
    private static final long UNCHANGED = 25_000_000_000L;

    private static final long SETTLED = 120_000_000_000L;

    private final long start = System.currentTimeMillis() / 86_400_000 * Logs.DAY - Logs.DAY;
    private Process server;
    private String address;

    /** What was sent and what the answers must be. */
    private record Prepared(
            List<byte[]> bodies,
            long records,
            long plain,
            long bodyBytes,
            long debug,
            long needles,
            long regex,
            long slowRegex,
            long common,
            List<byte[]> small) {}

    void main(String[] args) throws Exception {
        int batches = (int) (Double.parseDouble(args[0]) * 1_000_000 / Logs.BATCH);
        Path work = Path.of(args[3]);
        Prepared sent = prepare(batches, work.resolve("batches-" + args[0]));
        if (args.length > 4 && args[4].equals("prepare")) {
            return;
        }
        long records = sent.records();
        long packed = sent.bodies().stream().mapToLong(body -> body.length).sum();
        System.out.printf(
                "%d records; each: text %.1f bytes, OTLP %.1f, gzip %.1f%n",
                records,
                (double) sent.bodyBytes() / records,
                (double) sent.plain() / records,
                (double) packed / records);
        start(args, work);
        double before = cpuSeconds();
        long wall = System.nanoTime();
        long[] acknowledged = send(sent.bodies());
        wall = System.nanoTime() - wall;
        double ingest = cpuSeconds() - before;
        System.out.printf(
                "ingest: %.1f CPU s, %.0f records per CPU s, %.1f s wall, acknowledged %s%n",
                ingest, records / ingest, wall / 1e9, percentiles(acknowledged));
        TimeUnit.SECONDS.sleep(17);
        System.out.printf(
                "with sealing: %.1f CPU s, %.0f records per CPU s; RSS %d MiB, highest %d MiB; disk %.1f B per record, of it chunks %.1f%n",
                cpuSeconds() - before,
                records / (cpuSeconds() - before),
                status("VmRSS") / 1024,
                status("VmHWM") / 1024,
                (double) size(work.resolve("data")) / records,
                (double) size(work.resolve("data/days")) / records);
        settle(work.resolve("data"), records);
        String range = "&from=" + start + "&to=" + (start + Logs.DAY);
        ask(
                "count over 12 h",
                "/api/histogram?interval=12h&from=" + start + "&to=" + (start + Logs.DAY / 2),
                "\"total\":");
        ask("count of all", "/api/histogram?interval=1d" + range, total(records));
        ask("histogram per minute", "/api/histogram?interval=1m" + range, total(records));
        ask(
                "severity facet",
                "/api/facets?fields=severity" + range,
                "{\"value\":\"DEBUG\",\"count\":" + sent.debug() + "}");
        ask("needle word", count("needle4711x") + range, total(sent.needles()));
        ask("part of a word", count("*edle4711*") + range, total(sent.needles()));
        ask(
                "newest 100 of a service",
                "/api/logs?query=service.name:login" + range,
                "\"service.name\":\"login\"");
        ask("regex", count("/" + Logs.REGEX + "/") + range, total(sent.regex()));
        ask(
                "regex without a literal",
                count("/" + Logs.SLOW_REGEX + "/") + range,
                total(sent.slowRegex()));
        ask(
                "histogram of a common word",
                "/api/histogram?interval=1h&query=" + Logs.COMMON + range,
                total(sent.common()));
        System.out.printf(
                "RSS %d MiB, highest %d MiB%n", status("VmRSS") / 1024, status("VmHWM") / 1024);
        int half = sent.small().size() / 2;
        Path recording = work.resolve("server.jfr").toAbsolutePath();
        jcmd(
                "JFR.start",
                "name=sync",
                "settings=none",
                "+jdk.FileForce#enabled=true",
                "+jdk.FileForce#threshold=0ns");
        System.out.println(
                "at 5000 records a second: " + percentiles(pace(sent.small().subList(0, half))));
        jcmd("JFR.stop", "name=sync", "filename=" + recording);
        System.out.println(
                "  of it each fdatasync of the journal: " + percentiles(syncs(recording)));
        AtomicLong asked = new AtomicLong();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(
                    Thread.ofPlatform()
                            .start(() -> askOn(count("/" + Logs.SLOW_REGEX + "/") + range, asked)));
        }
        System.out.print(
                "the same while two ask regular expressions: "
                        + percentiles(pace(sent.small().subList(half, sent.small().size()))));
        readers.forEach(Thread::interrupt);
        for (Thread reader : readers) {
            reader.join();
        }
        System.out.println(" (" + asked + " answered)");
        // The newest batches again as new files: head and journal are full when it is killed.
        double load = Math.min(400, batches / 2.0);
        send(sent.bodies().subList(0, (int) load).stream().map(Bench::another).toList());
        server.destroyForcibly().waitFor();
        long journal = size(work.resolve("data/journal"));
        long again = System.nanoTime();
        start(args, work);
        System.out.printf(
                "restart after kill -9 with %d MiB of journal: %.1f s, %.1f CPU s%n",
                journal >> 20, (System.nanoTime() - again) / 1e9, cpuSeconds());
        ask(
                "count after restart",
                "/api/histogram?interval=1d" + range,
                total(records + (long) (int) load * Logs.BATCH));
        server.destroy();
        server.waitFor();
    }

    /** Without its file the same records are other records. */
    private static byte[] another(byte[] body) {
        try (var in = new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(body))) {
            String name = "log.file.id";
            byte[] plain = in.readAllBytes();
            int at = new String(plain, StandardCharsets.ISO_8859_1).indexOf(name);
            plain[at + name.length() - 1] = 'x';
            return gzip(plain);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Prepared prepare(int batches, Path file) throws IOException {
        if (!Files.exists(file)) {
            Logs logs = new Logs(start, (long) batches * Logs.BATCH);
            Path fresh = Files.createTempFile(file.getParent(), "batches", "");
            try (DataOutputStream out =
                    new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh)))) {
                for (int i = 0; i < batches; i++) {
                    byte[] packed = gzip(logs.batch(i % Logs.PODS));
                    out.writeInt(packed.length);
                    out.write(packed);
                }
                for (long value :
                        new long[] {
                            (long) batches * Logs.BATCH,
                            logs.plainBytes,
                            logs.bodyBytes,
                            logs.severities[5],
                            logs.needles,
                            logs.regexHits,
                            logs.slowRegexHits,
                            logs.commonHits
                        }) {
                    out.writeLong(value);
                }
                // 30 seconds of 5000 records in requests of 100, of the next day.
                Logs next = new Logs(start + Logs.DAY, 150_000);
                for (int i = 0; i < 1500; i++) {
                    byte[] packed = gzip(next.batch(i % Logs.PODS, 100));
                    packed = another(packed);
                    out.writeInt(packed.length);
                    out.write(packed);
                }
            }
            Files.move(fresh, file);
        }
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            List<byte[]> bodies = new ArrayList<>();
            for (int i = 0; i < batches; i++) {
                bodies.add(in.readNBytes(in.readInt()));
            }
            long[] v = new long[8];
            for (int i = 0; i < v.length; i++) {
                v[i] = in.readLong();
            }
            List<byte[]> small = new ArrayList<>();
            for (int i = 0; i < 1500; i++) {
                small.add(in.readNBytes(in.readInt()));
            }
            return new Prepared(bodies, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], small);
        }
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        }
        return packed.toByteArray();
    }

    private void start(String[] args, Path work) throws Exception {
        int port;
        try (var socket = new java.net.ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        address = "http://127.0.0.1:" + port;
        List<String> command = new ArrayList<>(List.of(args[1]));
        command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"));
        command.addAll(Arrays.asList(args).subList(4, args.length));
        command.addAll(
                List.of(
                        "-Dserver.port=" + port,
                        "-Dcentral.data-directory=" + work.resolve("data"),
                        "-jar",
                        args[2]));
        server =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("server.out").toFile())
                        .start();
        while (true) {
            try {
                if (!server.isAlive()) {
                    throw new IllegalStateException(Files.readString(work.resolve("server.out")));
                }
                get("/health/ready");
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
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
        return nanos;
    }

    /** Fifty requests a second, each at its time whatever became of the one before. */
    private long[] pace(List<byte[]> bodies) throws Exception {
        long[] nanos = new long[bodies.size()];
        AtomicLong waited = new AtomicLong();
        List<Thread> senders = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < bodies.size(); i++) {
            long due = begin + i * 20_000_000L;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            int own = i;
            senders.add(Thread.ofVirtual().start(() -> nanos[own] = post(bodies.get(own), waited)));
        }
        for (Thread sender : senders) {
            sender.join();
        }
        return nanos;
    }

    private void jcmd(String... command) throws Exception {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        all.add(Long.toString(server.pid()));
        all.addAll(List.of(command));
        Process jcmd = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
    }

    /** How long the server waited for the disk: the very calls, as Flight Recorder saw them. */
    private static long[] syncs(Path recording) throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getString("path").contains("/journal/"))
                .mapToLong(event -> event.getDuration().toNanos())
                .toArray();
    }

    private static String percentiles(long[] nanos) {
        long[] sorted = Arrays.stream(nanos).sorted().toArray();
        return String.format(
                "p50 %.1f ms, p99 %.1f ms, longest %.1f ms",
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private long post(byte[] body, AtomicLong waited) {
        try {
            long from = System.nanoTime();
            while (true) {
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
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void askOn(String path, AtomicLong asked) {
        try {
            while (!Thread.interrupted()) {
                get(path);
                asked.incrementAndGet();
            }
        } catch (IOException | InterruptedException e) {
            // The end.
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(address + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String count(String query) {
        return "/api/histogram?interval=1d&query="
                + URLEncoder.encode(query, StandardCharsets.UTF_8);
    }

    private static String total(long records) {
        return "\"total\":" + records + ",";
    }

    /** Asks until a second of the server's CPU has gone, because /proc counts in 10 ms; warm. */
    private void ask(String name, String path, String expected) throws Exception {
        double cold = cpuSeconds();
        for (int i = 0; i < 3 || (i < 100 && cpuSeconds() - cold < 1); i++) {
            get(path);
        }
        double best = Double.MAX_VALUE;
        String answer = "";
        int runs = 0;
        double before = cpuSeconds();
        while (runs < 5 || (runs < 50 && cpuSeconds() - before < 1)) {
            long from = System.nanoTime();
            answer = get(path);
            best = Math.min(best, (System.nanoTime() - from) / 1e6);
            runs++;
        }
        System.out.printf(
                "%-26s %6.1f CPU ms, best %6.1f ms, %s%n",
                name,
                (cpuSeconds() - before) * 1000 / runs,
                best,
                answer.contains(expected)
                        ? "as expected"
                        : "WRONG: "
                                + answer.substring(0, Math.min(200, answer.length()))
                                + " instead of "
                                + expected);
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

    /** Waits until what merges have replaced is gone: until nothing of the disk has changed. */
    private static void settle(Path data, long records) throws Exception {
        long begin = System.nanoTime();
        long changed = begin;
        long highest = 0;
        long size = size(data);
        while (System.nanoTime() - changed < UNCHANGED && System.nanoTime() - begin < SETTLED) {
            TimeUnit.SECONDS.sleep(1);
            long now = size(data);
            if (now != size) {
                changed = System.nanoTime();
            }
            size = now;
            highest = Math.max(highest, size);
        }
        System.out.printf(
                "disk after another %d s: %.1f B per record, in between at most %.1f%n",
                (changed - begin) / 1_000_000_000,
                (double) size / records,
                (double) highest / records);
    }

    private static long size(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        }
    }
}
