package dev.pillion.adapter.crash;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * One cell of the crash matrix: a writer of numbered lines, a way of rotating, an adapter process
 * that is killed (SIGKILL) and started again, a far end that behaves in some way. At the end each
 * line must have arrived once, whole, in order within its file.
 *
 * @param lines how many are written
 * @param perSecond how fast
 * @param rotation how the file is rotated, seven times
 * @param kills how often the adapter is killed
 * @param farEnd what the far end does
 */
record Cell(int lines, int perSecond, Rotation rotation, int kills, FarEnd farEnd, long seed) {

    private static final int ROTATIONS = 7;

    /** A copy that nobody knows is told apart from a new file within this: it would come twice. */
    private static final Duration SETTLE = Duration.ofSeconds(6);

    enum Rotation {
        NONE,
        RENAME,
        COPYTRUNCATE,
        /**
         * The file is deleted once all of it was delivered: what nobody read is nobody's to save.
         */
        DELETE
    }

    /**
     * What came of it.
     *
     * @param underWay kills while lines were still to be delivered
     */
    record Result(
            Cell cell,
            int lost,
            int doubled,
            int outOfOrder,
            int torn,
            int underWay,
            double seconds) {
        boolean right() {
            return lost == 0 && doubled == 0 && outOfOrder == 0 && torn == 0;
        }

        @Override
        public String toString() {
            return "%-12s kills %3d (%d under way)  far end %-11s  lines %d  lost %d  doubled %d  out of order %d  torn %d  %.1f s"
                    .formatted(
                            cell.rotation,
                            cell.kills,
                            underWay,
                            cell.farEnd,
                            cell.lines,
                            lost,
                            doubled,
                            outOfOrder,
                            torn,
                            seconds);
        }
    }

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS");
    private static final LocalDateTime BEGINNING = LocalDateTime.of(2026, 11, 22, 0, 0);
    private static final String TRACE =
            "\njava.lang.IllegalStateException: broken\n\tat shop.A.b(A.java:1)\n"
                    + "Caused by: java.io.IOException: pipe\n\t... 1 more";

    private static String body(int number) {
        return "order " + number + (number % 50 == 0 ? TRACE : "");
    }

    private static String line(int number) {
        return STAMP.format(BEGINNING.plusNanos(number * 1_000_000L))
                + " INFO  [main] shop.Orders - "
                + body(number)
                + "\n";
    }

    /** The service that its lines are known by at the receiver. */
    private String service() {
        return rotation + "-" + kills + "-" + farEnd;
    }

    Result run(Path folder, Receiver receiver) throws Exception {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Path state = Files.createDirectories(folder.resolve("state"));
        long begun = System.nanoTime();
        Random random = new Random(seed);
        int underWay = 0;
        try (FlakyPath path = new FlakyPath(receiver, farEnd)) {
            Thread writer =
                    Thread.ofPlatform()
                            .name("writer")
                            .start(() -> write(logs.resolve("app.log"), receiver));
            Process process = start(logs, state, path);
            try {
                for (int killed = 1; killed <= kills; killed++) {
                    // It must have got somewhere; then at any moment.
                    long requests = path.requests();
                    await(() -> path.requests() > requests + 1, 5);
                    LockSupport.parkNanos(random.nextInt(200) * 1_000_000L);
                    underWay += receiver.count(service()) < lines ? 1 : 0;
                    process.destroyForcibly().waitFor();
                    if (farEnd == FarEnd.KILLED && killed % 3 == 0) {
                        receiver.kill();
                    }
                    process = start(logs, state, path);
                }
                for (int i = 0; farEnd == FarEnd.KILLED && kills == 0 && i < 5; i++) {
                    long requests = path.requests();
                    await(() -> path.requests() > requests + 3, 5);
                    receiver.kill();
                }
                writer.join();
                path.mood(FarEnd.WELL);
                await(() -> receiver.count(service()) >= lines, 60);
                if (rotation == Rotation.COPYTRUNCATE) {
                    LockSupport.parkNanos(SETTLE.toNanos());
                }
                process.getOutputStream().close();
                process.waitFor(30, java.util.concurrent.TimeUnit.SECONDS);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
        return judge(receiver, underWay, (System.nanoTime() - begun) / 1e9);
    }

    private void write(Path file, Receiver receiver) {
        long begun = System.nanoTime();
        int rotations = rotation == Rotation.NONE ? 0 : ROTATIONS;
        int number = 0;
        try {
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
                if (part < rotations) {
                    rotate(file, part, number, receiver);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void rotate(Path file, int part, int written, Receiver receiver) throws IOException {
        switch (rotation) {
            case NONE -> {}
            case RENAME -> Files.move(file, file.resolveSibling("app.log." + part));
            case COPYTRUNCATE -> {
                Files.copy(file, file.resolveSibling("app.log." + part));
                Files.write(file, new byte[0]);
            }
            case DELETE -> {
                await(() -> receiver.count(service()) >= written, 60);
                Files.delete(file);
            }
        }
    }

    private Process start(Path logs, Path state, FlakyPath path) throws IOException {
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
                                path.endpoint().toString(),
                                service()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(
                                new File(state.getParent().toFile(), "adapter.log")))
                .start();
    }

    /** Something that is asked of a receiver. */
    private interface Condition {
        boolean met() throws IOException, InterruptedException;
    }

    private static void await(Condition condition, int seconds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (condition.met()) {
                    return;
                }
            } catch (IOException e) {
                // The receiver is being killed: it is asked again.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Counts while it reads: five million lines are not kept. */
    private Result judge(Receiver receiver, int underWay, double seconds)
            throws IOException, InterruptedException {
        BitSet seen = new BitSet(lines);
        int[] counts = new int[3];
        Map<String, Receiver.Arrival> last = new HashMap<>();
        receiver.arrivals(
                service(),
                arrival -> {
                    int number = number(arrival.body());
                    if (number < 0 || !arrival.body().equals(body(number))) {
                        counts[2]++;
                        return;
                    }
                    if (seen.get(number)) {
                        counts[0]++;
                    }
                    seen.set(number);
                    Receiver.Arrival before = last.put(arrival.fileId(), arrival);
                    if (before != null
                            && (before.order() > arrival.order()
                                    || before.position() > arrival.position()
                                    || number(before.body()) > number)) {
                        counts[1]++;
                    }
                });
        return new Result(
                this,
                lines - seen.cardinality(),
                counts[0],
                counts[1],
                counts[2],
                underWay,
                seconds);
    }

    private int number(String body) {
        int end = 6;
        while (end < body.length() && Character.isDigit(body.charAt(end))) {
            end++;
        }
        if (!body.startsWith("order ") || end == 6 || end > 15) {
            return -1;
        }
        int number = Integer.parseInt(body.substring(6, end));
        return number < lines ? number : -1;
    }
}
