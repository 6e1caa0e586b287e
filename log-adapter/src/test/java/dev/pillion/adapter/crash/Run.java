package dev.pillion.adapter.crash;

import dev.pillion.adapter.crash.Cell.Rotation;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** A cell as it goes: one thread writes and rotates, this one kills and starts again. */
final class Run implements AutoCloseable {

    private static final int ROTATIONS = 7;

    /** A copy that nobody knows is told apart from a new file within this: it would come twice. */
    private static final Duration SETTLE = Duration.ofSeconds(6);

    /** What a loaded machine may take to deliver what is written. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Cell cell;
    private final Receiver receiver;
    private final Path logs;
    private final Path state;
    private final Path errors;
    private final FlakyPath path;

    /** Held while a file loses its name, and while no process may have the files open. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile int written;

    /** So many lines were written up to the last file that lost its name. */
    private volatile int nameless;

    private Process process;

    Run(Cell cell, Path folder, Receiver receiver) throws IOException {
        this.cell = cell;
        this.receiver = receiver;
        this.logs = Files.createDirectories(folder.resolve("logs"));
        this.state = Files.createDirectories(folder.resolve("state"));
        this.errors = folder.resolve("adapter.log");
        this.path = new FlakyPath(receiver, cell.farEnd());
    }

    Cell.Result go() throws Exception {
        long begun = System.nanoTime();
        Thread writer =
                Thread.ofPlatform().name("writer").start(() -> write(logs.resolve("app.log")));
        process = start();
        int underWay = cell.kills() == 0 ? 0 : kill(new Random(cell.seed()));
        for (int i = 0; cell.farEnd() == FarEnd.KILLED && cell.kills() == 0 && i < 5; i++) {
            moreThan(3);
            receiver.kill();
        }
        writer.join();
        path.mood(FarEnd.WELL);
        await(() -> delivered(cell.lines()), PATIENCE);
        if (cell.rotation() == Rotation.COPYTRUNCATE) {
            LockSupport.parkNanos(SETTLE.toNanos());
        }
        process.getOutputStream().close();
        boolean agreed = process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        return new Cell.Result(
                cell,
                cell.orders().judge(receiver, cell.service(), cell.lines()),
                underWay,
                agreed,
                (System.nanoTime() - begun) / 1e9);
    }

    /** Returns how many kills found lines under way. */
    private int kill(Random random) throws IOException, InterruptedException {
        int underWay = 0;
        for (int killed = 1; killed <= cell.kills(); killed++) {
            // It must have got somewhere; then at any moment.
            moreThan(1);
            LockSupport.parkNanos(random.nextInt(200) * 1_000_000L);
            reading.lock();
            try {
                await(this::namelessDelivered, PATIENCE);
                underWay += delivered(cell.lines()) ? 0 : 1;
                process.destroyForcibly().waitFor();
                if (cell.farEnd() == FarEnd.KILLED && killed % 3 == 0) {
                    receiver.kill();
                }
                process = start();
                if (cell.rotation() == Rotation.DELETE) {
                    // Two requests may still come from the one that was killed.
                    moreThan(2);
                }
            } finally {
                reading.unlock();
            }
        }
        return underWay;
    }

    /** Waits for so many requests and one; or until there is nothing more to send. */
    private void moreThan(int count) {
        long requests = path.requests();
        await(
                () -> path.requests() > requests + count || delivered(written),
                cell.rotation() == Rotation.DELETE ? PATIENCE : Duration.ofSeconds(5));
    }

    /**
     * Whether the file that lost its name last arrived to its end. How many lines arrived does not
     * tell: those of the next file come at the same time.
     */
    private boolean namelessDelivered() throws IOException, InterruptedException {
        return nameless == 0 || receiver.has(cell.service(), cell.orders().body(nameless - 1));
    }

    private boolean delivered(int lines) throws IOException, InterruptedException {
        return receiver.count(cell.service()) >= lines;
    }

    private void write(Path file) {
        long begun = System.nanoTime();
        int rotations = cell.rotation() == Rotation.NONE ? 0 : ROTATIONS;
        int number = 0;
        try {
            for (int part = 0; part <= rotations; part++) {
                int first = number;
                int end =
                        part == rotations
                                ? cell.lines()
                                : cell.lines() / (rotations + 1) * (part + 1);
                try (OutputStream out =
                        Files.newOutputStream(
                                file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                    while (number < end) {
                        out.write(cell.orders().line(number++).getBytes(StandardCharsets.UTF_8));
                        if (number % 50 == 0) {
                            written = number;
                            long due = begun + number * 1_000_000_000L / cell.perSecond();
                            LockSupport.parkNanos(due - System.nanoTime());
                        }
                    }
                }
                written = number;
                if (part < rotations) {
                    rotate(file, part, first, number);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param first number of its first line
     * @param end number after that of its last
     */
    private void rotate(Path file, int part, int first, int end) throws IOException {
        switch (cell.rotation()) {
            case NONE -> {}
            case RENAME -> Files.move(file, file.resolveSibling("app.log." + part));
            case COPYTRUNCATE -> {
                Files.copy(file, file.resolveSibling("app.log." + part));
                Files.write(file, new byte[0]);
            }
            case DELETE -> {
                // All before it was delivered: one line more, and it is open.
                await(() -> delivered(part % 2 == 0 ? end : first + 1), PATIENCE);
                reading.lock();
                try {
                    Files.delete(file);
                    nameless = end;
                } finally {
                    reading.unlock();
                }
            }
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        AdapterProcess.command(logs, state, path.endpoint(), cell.service()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(new File(errors.toString())))
                .start();
    }

    /** Something that is asked of a receiver. */
    private interface Condition {
        boolean met() throws IOException, InterruptedException;
    }

    /** Waits so long at most: what did not come until then is seen by the verdict. */
    private static void await(Condition condition, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
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

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        path.close();
    }
}
