package dev.pillion.adapter.crash;

import dev.pillion.adapter.FakeCentral;
import dev.pillion.adapter.FakeCentral.Mood;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One cell of the crash matrix: a writer of numbered lines, a way of rotating, an adapter process
 * that is killed (SIGKILL) and started again, a far end in a mood. At the end each line must have
 * arrived once, in order within its file.
 *
 * @param lines how many are written
 * @param perSecond how fast
 * @param rotation how the file is rotated, seven times
 * @param kills how often the adapter is killed
 * @param farEnd what the far end does
 */
record Cell(int lines, int perSecond, Rotation rotation, int kills, FarEnd farEnd, long seed) {

    enum Rotation {
        NONE,
        RENAME,
        COPYTRUNCATE,
        /**
         * The file is deleted once all of it was delivered: what nobody read is nobody's to save.
         */
        DELETE
    }

    enum FarEnd {
        WELL,
        /** 503 half of the time. */
        UNAVAILABLE,
        /** Stores, and answers 200 ms late. */
        SLOW,
        /** Ends and comes back, its store kept. */
        KILLED,
        /** Stores, and cuts one answer in three. */
        CUT
    }

    /** What came of it. */
    record Result(Cell cell, int lost, int doubled, int outOfOrder, long repeats, double seconds) {
        boolean right() {
            return lost == 0 && doubled == 0 && outOfOrder == 0;
        }

        @Override
        public String toString() {
            return "%-13s kills %3d  far end %-12s lines %8d  lost %d  doubled %d  out of order %d  (repeats known to the far end %d, %.1f s)"
                    .formatted(
                            cell.rotation,
                            cell.kills,
                            cell.farEnd,
                            cell.lines,
                            lost,
                            doubled,
                            outOfOrder,
                            repeats,
                            seconds);
        }
    }

    private static String line(int number) {
        String line =
                "2026-11-22 20:51:%02d,%03d INFO  [main] shop.Orders - order %d\n"
                        .formatted(number / 1000 % 60, number % 1000, number);
        return number % 50 == 0
                ? line
                        + "java.lang.IllegalStateException: broken\n\tat shop.A.b(A.java:1)\n"
                        + "Caused by: java.io.IOException: pipe\n\t... 1 more\n"
                : line;
    }

    Result run(Path folder) throws Exception {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Path state = Files.createDirectories(folder.resolve("state"));
        long begun = System.nanoTime();
        Random random = new Random(seed);
        AtomicBoolean written = new AtomicBoolean();
        try (FakeCentral central = new FakeCentral()) {
            mood(central);
            Thread writer =
                    Thread.ofPlatform()
                            .name("writer")
                            .start(
                                    () -> {
                                        try {
                                            write(logs.resolve("app.log"), central);
                                        } catch (IOException e) {
                                            throw new java.io.UncheckedIOException(e);
                                        } finally {
                                            written.set(true);
                                        }
                                    });
            Process process = start(logs, state, central);
            try {
                int killed = 0;
                while (killed < kills) {
                    // It must have got somewhere; then at any moment.
                    long requests = central.requests();
                    await(() -> central.requests() > requests + 1 || done(central), 20);
                    LockSupport.parkNanos(random.nextInt(300) * 1_000_000L);
                    process.destroyForcibly().waitFor();
                    killed++;
                    if (farEnd == FarEnd.KILLED && killed % 3 == 0) {
                        central.restart();
                    }
                    process = start(logs, state, central);
                }
                if (farEnd == FarEnd.KILLED && kills == 0) {
                    for (int i = 0; i < 5; i++) {
                        long requests = central.requests();
                        await(() -> central.requests() > requests + 3 || done(central), 20);
                        central.restart();
                    }
                }
                writer.join();
                central.mood(Mood.WELL);
                await(() -> done(central), 60);
            } finally {
                process.destroyForcibly().waitFor();
            }
            return judge(central, (System.nanoTime() - begun) / 1e9);
        }
    }

    private boolean done(FakeCentral central) {
        return central.count() >= lines;
    }

    private void mood(FakeCentral central) {
        AtomicInteger turn = new AtomicInteger();
        switch (farEnd) {
            case WELL, KILLED -> central.mood(Mood.WELL);
            case UNAVAILABLE ->
                    central.mood(
                            r ->
                                    System.nanoTime() / 500_000_000L % 2 == 0
                                            ? Mood.UNAVAILABLE
                                            : Mood.WELL);
            case SLOW -> {
                central.mood(Mood.WELL);
                central.answerLate(Duration.ofMillis(200));
            }
            case CUT ->
                    central.mood(
                            r ->
                                    turn.incrementAndGet() % 3 == 0
                                            ? Mood.CUT_AFTER_STORING
                                            : Mood.WELL);
        }
    }

    private void write(Path file, FakeCentral central) throws IOException {
        long begun = System.nanoTime();
        int rotations = rotation == Rotation.NONE ? 0 : 7;
        int number = 0;
        for (int part = 0; part <= rotations; part++) {
            int end = part == rotations ? lines : lines / (rotations + 1) * (part + 1);
            try (OutputStream out =
                    Files.newOutputStream(
                            file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (number < end) {
                    out.write(line(number++).getBytes(StandardCharsets.UTF_8));
                    if (number % 50 == 0) {
                        long due = begun + number * 1_000_000_000L / perSecond;
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                }
            }
            if (part == rotations) {
                return;
            }
            switch (rotation) {
                case NONE -> {}
                case RENAME -> Files.move(file, file.resolveSibling("app.log." + part));
                case COPYTRUNCATE -> {
                    Files.copy(file, file.resolveSibling("app.log." + part));
                    Files.write(file, new byte[0]);
                }
                case DELETE -> {
                    int sofar = number;
                    await(() -> central.count() >= sofar, 60);
                    Files.delete(file);
                }
            }
        }
    }

    private static Process start(Path logs, Path state, FakeCentral central) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AdapterProcess.class.getName(),
                                logs.toString(),
                                state.toString(),
                                central.endpoint().toString()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(
                                new File(state.getParent().toFile(), "adapter.log")))
                .start();
    }

    private static void await(java.util.function.BooleanSupplier condition, int seconds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    private Result judge(FakeCentral central, double seconds) {
        Set<Integer> seen = new HashSet<>();
        int doubled = 0;
        int outOfOrder = (int) central.outOfOrder();
        java.util.Map<String, Integer> last = new java.util.HashMap<>();
        for (FakeCentral.Received received : central.received()) {
            String body = received.body();
            if (!body.startsWith("order ")) {
                doubled++; // a torn record counts as one
                continue;
            }
            int end = body.indexOf('\n');
            int number = Integer.parseInt(body.substring(6, end < 0 ? body.length() : end));
            if (!seen.add(number)) {
                doubled++;
            }
            Integer before = last.put(received.fileId(), number);
            if (before != null && before >= number) {
                outOfOrder++;
            }
        }
        return new Result(
                this, lines - seen.size(), doubled, outOfOrder, central.repeats(), seconds);
    }
}
