package dev.pillion.adapter.bench;

import dev.pillion.adapter.bench.Corpus.Kind;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;

/**
 * The benchmark. Arguments: a folder for the files, then cases: {@code train}, {@code start},
 * {@code idle}, {@code latency}, {@code files/COUNT}, {@code whole/MIB} or {@code
 * KIND/COMPRESSION/MIB} (as {@code plain/none/1024}). The adapter is in the system property {@code
 * jar}, its JVM options are in {@code options}, separated by blanks.
 */
public final class Speed {

    private static final byte[] LAST = Corpus.LAST.getBytes(StandardCharsets.US_ASCII);

    private final Path work;
    private final List<String> options;

    private Speed(Path work, List<String> options) {
        this.work = work;
        this.options = options;
    }

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0])).toAbsolutePath();
        List<String> options =
                Arrays.stream(System.getProperty("options", "").split(" ", -1))
                        .filter(o -> !o.isEmpty())
                        .toList();
        Speed speed = new Speed(work, options);
        boolean quick =
                options.stream()
                        .filter(option -> option.startsWith("-XX:TieredStopAtLevel="))
                        .reduce("", (first, last) -> last)
                        .endsWith("=1");
        System.out.printf(
                "Java %s, compiled by %s: %s%n",
                Runtime.version(), quick ? "C1" : "C1 and C2", String.join(" ", options));
        for (String name : Arrays.asList(args).subList(1, args.length)) {
            switch (name) {
                case "train" -> speed.train();
                case "start" -> speed.start();
                case "idle" -> speed.idle();
                case "latency" -> speed.latency();
                default -> {
                    String[] parts = name.split("/", -1);
                    if (parts[0].equals("files")) {
                        speed.files(Integer.parseInt(parts[1]));
                    } else if (parts[0].equals("whole")) {
                        speed.whole(Long.parseLong(parts[1]) << 20);
                    } else {
                        speed.backlog(
                                Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                                parts[1],
                                Long.parseLong(parts[2]) << 20);
                    }
                }
            }
        }
        System.exit(0);
    }

    private Map<String, String> settings(String include, FarEnd end, String compression) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("adapter.include", include);
        settings.put("adapter.endpoint", end.endpoint());
        settings.put("adapter.compression", compression);
        return settings;
    }

    /** A file that is there when the adapter starts, delivered to its last line. */
    private void backlog(Kind kind, String compression, long size) throws Exception {
        Path file = Corpus.make(work.resolve("files-" + (size >> 20)), kind, size);
        sum(file); // into the page cache: what the disk takes is not the adapter's
        CountDownLatch delivered = new CountDownLatch(1);
        try (FarEnd end = new FarEnd(body -> count(body, delivered));
                Subject subject =
                        new Subject(work, options, settings(file.toString(), end, compression))) {
            while (!delivered.await(100, TimeUnit.MILLISECONDS)) {
                check(subject);
            }
            double wall = (System.nanoTime() - subject.startedNanos) / 1e9;
            double cpu = subject.cpuSeconds();
            System.out.printf(
                    Locale.ROOT,
                    "%-7s %-5s %6d MiB: %6.2f CPU-s (data path %.2f, compilers %.2f), %5.2f CPU-s/GB,"
                            + " %6.1f s, %5.0f MiB at most, %d requests, %d MB sent%n",
                    kind.name().toLowerCase(Locale.ROOT),
                    compression,
                    size >> 20,
                    cpu,
                    subject.cpuSeconds("ship"),
                    subject.cpuSeconds("C1", "C2"),
                    cpu / (size / 1e9),
                    wall,
                    subject.memory("VmHWM"),
                    end.requests.sum(),
                    end.bytes.sum() / 1_000_000);
        }
    }

    /** A backlog of which the far end puts the file together again: memory and truth, not speed. */
    private void whole(long size) throws Exception {
        Path file = Corpus.make(work.resolve("files-" + (size >> 20)), Kind.PLAIN, size);
        WholeFile whole = new WholeFile();
        try (FarEnd end = new FarEnd(whole);
                Subject subject =
                        new Subject(work, options, settings(file.toString(), end, "none"))) {
            while (whole.end() < size) {
                check(subject);
                LockSupport.parkNanos(100_000_000);
            }
            double memory = subject.memory("VmHWM");
            double wall = (System.nanoTime() - subject.startedNanos) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "whole %6d MiB: %d records of %d bytes in %d requests, %d out of place, content %s,"
                            + " %.0f MiB at most, %.0f s%n",
                    size >> 20,
                    whole.records(),
                    whole.end(),
                    end.requests.sum(),
                    whole.outOfPlace(),
                    whole.end() == Files.size(file) && whole.sum() == sum(file)
                            ? "the same"
                            : "another",
                    memory,
                    wall);
        }
    }

    private static long sum(Path file) throws IOException {
        CRC32 crc = new CRC32();
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            while (channel.read(buffer.clear()) >= 0) {
                crc.update(buffer.flip());
            }
        }
        return crc.getValue();
    }

    /** Uses the adapter as a pod would and ends it, upon which the JVM writes the AOT cache. */
    private void train() throws Exception {
        Path folder = work.resolve("train");
        for (Kind kind : Kind.values()) {
            Corpus.make(folder, kind, 4 << 20);
        }
        CountDownLatch delivered = new CountDownLatch(Kind.values().length);
        List<String> recording = new ArrayList<>(options);
        recording.add("-XX:AOTCacheOutput=" + work.resolve("app.aot"));
        HttpClient http = HttpClient.newHttpClient();
        try (FarEnd end = new FarEnd(body -> count(body, delivered));
                Subject subject =
                        new Subject(work, recording, settings(folder + "/*", end, "none"))) {
            while (!delivered.await(100, TimeUnit.MILLISECONDS)
                    || !subject.answers(http, "/metrics")
                    || !subject.answers(http, "/health/ready")) {
                check(subject);
            }
        }
    }

    private void check(Subject subject) throws IOException {
        if (!subject.alive()) {
            throw new IOException("the adapter ended: " + Files.readString(work.resolve("out")));
        }
    }

    /** From the process's start to the first ready answer; its CPU and memory after 300 more. */
    private void start() throws Exception {
        Path empty = Files.createDirectories(work.resolve("empty"));
        HttpClient http = HttpClient.newHttpClient();
        for (int round = 0; round < 3; round++) {
            try (FarEnd end = new FarEnd(body -> {});
                    Subject subject =
                            new Subject(work, options, settings(empty + "/*", end, "none"))) {
                while (!subject.answers(http, "/health/ready")) {
                    check(subject);
                    LockSupport.parkNanos(5_000_000);
                }
                double wall = (System.nanoTime() - subject.startedNanos) / 1e9;
                double cpu = subject.cpuSeconds();
                for (int i = 0; i < 300; i++) {
                    subject.answers(http, i % 3 == 0 ? "/metrics" : "/health/ready");
                }
                System.out.printf(
                        Locale.ROOT,
                        "start: ready after %.2f s and %.2f CPU-s; %.0f MiB after 300 requests%n",
                        wall,
                        cpu,
                        subject.memory("VmRSS"));
            }
        }
    }

    /** A hundred files to which nobody writes. */
    private void idle() throws Exception {
        Path folder = Files.createDirectories(work.resolve("quiet"));
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100; i++) {
            Files.write(folder.resolve(i + ".log"), Corpus.line(Kind.LAYOUT, "one", i, random));
        }
        try (FarEnd end = new FarEnd(body -> {});
                Subject subject =
                        new Subject(work, options, settings(folder + "/*", end, "none"))) {
            while (end.requests.sum() < 100) {
                check(subject);
                LockSupport.parkNanos(50_000_000);
            }
            TimeUnit.SECONDS.sleep(5);
            double before = subject.cpuSeconds();
            TimeUnit.SECONDS.sleep(20);
            System.out.printf(
                    Locale.ROOT,
                    "idle, 100 files: %.2f %% of a core, %.0f MiB%n",
                    (subject.cpuSeconds() - before) / 20 * 100,
                    subject.memory("VmRSS"));
        }
    }

    /** Many files that are there when the adapter starts; how many it holds open. */
    private void files(int count) throws Exception {
        Path folder = Files.createDirectories(work.resolve("files-" + count + "-small"));
        SplittableRandom random = new SplittableRandom(13);
        for (int i = 0; i < count; i++) {
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            for (int line = 0; line < 25; line++) {
                lines.writeBytes(Corpus.line(Kind.LAYOUT, "one of many", line, random));
            }
            Files.write(folder.resolve(i + ".log"), lines.toByteArray());
        }
        long descriptors = 0;
        try (FarEnd end = new FarEnd(body -> {});
                Subject subject =
                        new Subject(work, options, settings(folder + "/*", end, "none"))) {
            while (end.requests.sum() < count) {
                check(subject);
                descriptors = Math.max(descriptors, subject.descriptors());
                LockSupport.parkNanos(10_000_000);
            }
            double wall = (System.nanoTime() - subject.startedNanos) / 1e9;
            double cpu = subject.cpuSeconds();
            TimeUnit.SECONDS.sleep(5);
            double before = subject.cpuSeconds();
            TimeUnit.SECONDS.sleep(20);
            System.out.printf(
                    Locale.ROOT,
                    "%d files: delivered after %.1f s and %.1f CPU-s, %d descriptors at most, %.0f MiB"
                            + " at most; quiet: %.2f %% of a core%n",
                    count,
                    wall,
                    cpu,
                    descriptors,
                    subject.memory("VmHWM"),
                    (subject.cpuSeconds() - before) / 20 * 100);
        }
    }

    /** Lines written one by one; how long until the far end has each. */
    private void latency() throws Exception {
        Path folder = Files.createDirectories(work.resolve("latency"));
        Path file = folder.resolve("app.log");
        Files.deleteIfExists(file);
        SplittableRandom random = new SplittableRandom(11);
        int warmup = 100;
        int lines = 500;
        AtomicLongArray written = new AtomicLongArray(warmup + lines);
        AtomicLongArray arrived = new AtomicLongArray(warmup + lines);
        byte[] mark = "probe #".getBytes(StandardCharsets.US_ASCII);
        try (FarEnd end =
                        new FarEnd(
                                body -> {
                                    long now = System.nanoTime();
                                    for (int at = find(body, 0, mark);
                                            at >= 0;
                                            at = find(body, at + 1, mark)) {
                                        int from = at + mark.length;
                                        int number = 0;
                                        while (body[from] != ' ') {
                                            number = number * 10 + body[from++] - '0';
                                        }
                                        arrived.compareAndSet(number, 0, now);
                                    }
                                });
                Subject subject = new Subject(work, options, settings(folder + "/*", end, "none"));
                var out =
                        Files.newOutputStream(
                                file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            HttpClient http = HttpClient.newHttpClient();
            while (!subject.answers(http, "/health/ready")) {
                check(subject);
                LockSupport.parkNanos(50_000_000);
            }
            double before = subject.cpuSeconds();
            for (int i = 0; i < warmup + lines; i++) {
                written.set(i, System.nanoTime());
                out.write(Corpus.line(Kind.LAYOUT, "probe #" + i + " written", i, random));
                LockSupport.parkNanos((20 + random.nextInt(100)) * 1_000_000L);
            }
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (arrived.get(warmup + lines - 1) == 0 && System.nanoTime() < deadline) {
                LockSupport.parkNanos(50_000_000);
            }
            List<Double> millis = new ArrayList<>();
            for (int i = warmup; i < warmup + lines; i++) {
                if (arrived.get(i) == 0) {
                    throw new IOException("line " + i + " did not arrive");
                }
                millis.add((arrived.get(i) - written.get(i)) / 1e6);
            }
            millis.sort(null);
            System.out.printf(
                    Locale.ROOT,
                    "latency, %d lines 20 to 120 ms apart: p50 %.0f ms, p99 %.0f ms, longest %.0f ms, %d"
                            + " requests, %.2f CPU-s%n",
                    lines,
                    millis.get(lines / 2),
                    millis.get(lines * 99 / 100),
                    millis.getLast(),
                    end.requests.sum(),
                    subject.cpuSeconds() - before);
            fsyncs(subject.state);
        }
    }

    /** What the disk alone takes for what comes before each request: a note appended and forced. */
    private static void fsyncs(Path folder) throws Exception {
        int count = 300;
        List<Double> millis = new ArrayList<>();
        Path file = folder.resolve("fsync");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < count; i++) {
                channel.write(ByteBuffer.allocate(150));
                long before = System.nanoTime();
                channel.force(false);
                millis.add((System.nanoTime() - before) / 1e6);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        Files.delete(file);
        millis.sort(null);
        System.out.printf(
                Locale.ROOT,
                "fsyncs of %s just after: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, longest %.1f ms%n",
                folder,
                millis.get(count / 2),
                millis.get(count * 9 / 10),
                millis.get(count * 99 / 100),
                millis.getLast());
    }

    /** Counts down for a file's last line. */
    private static void count(byte[] body, CountDownLatch delivered) {
        if (find(body, Math.max(0, body.length - 4096), LAST) >= 0) {
            delivered.countDown();
        }
    }

    private static int find(byte[] body, int from, byte[] wanted) {
        for (int at = from; at + wanted.length <= body.length; at++) {
            if (body[at] == wanted[0]
                    && Arrays.equals(body, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}
