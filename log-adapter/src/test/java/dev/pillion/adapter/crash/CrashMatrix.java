package dev.pillion.adapter.crash;

import dev.pillion.adapter.crash.Cell.Rotation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The whole matrix as a program, against log-central. Each lane runs cell after cell against a
 * log-central of its own. Exit code 1 if a line was lost, doubled, torn or out of order.
 */
public final class CrashMatrix {

    /** Makes the receiver of a lane, with a folder for what it keeps. */
    interface ReceiverMaker {
        Receiver make(Path folder) throws IOException, InterruptedException;
    }

    private CrashMatrix() {}

    public static void main(String[] args) throws Exception {
        Path central = Path.of(args[0]).toAbsolutePath();
        int lines = args.length > 1 ? Integer.parseInt(args[1]) : 60_000;
        int perSecond = args.length > 2 ? Integer.parseInt(args[2]) : 5_000;
        String[] kills = (args.length > 3 ? args[3] : "0,8,20").split(",", 0);
        int lanes = args.length > 4 ? Integer.parseInt(args[4]) : 3;
        String only = args.length > 5 ? args[5] : "";
        List<Cell> cells = new ArrayList<>();
        long seed = 4711;
        for (Orders orders : Orders.values()) {
            for (Rotation rotation : Rotation.values()) {
                for (String kill : kills) {
                    for (FarEnd end : FarEnd.values()) {
                        int times = Integer.parseInt(kill);
                        if ((orders + "/" + rotation + "/" + end).contains(only)) {
                            cells.add(
                                    new Cell(
                                            orders, lines, perSecond, rotation, times, end,
                                            seed++));
                        }
                    }
                }
            }
        }
        Path folder = Files.createTempDirectory("crash");
        List<Cell.Result> results =
                run(cells, lanes, folder, place -> new CentralProcess(central, place));
        long wrong = results.stream().filter(r -> !r.right()).count();
        System.out.printf("%d cells, %d of them wrong; kept in %s%n", cells.size(), wrong, folder);
        System.exit(wrong == 0 ? 0 : 1);
    }

    static List<Cell.Result> run(List<Cell> cells, int lanes, Path folder, ReceiverMaker maker)
            throws InterruptedException, ExecutionException {
        Queue<Cell> waiting = new ArrayDeque<>(cells);
        List<Future<List<Cell.Result>>> runs = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            for (int i = 0; i < lanes; i++) {
                Path place = folder.resolve("lane-" + i);
                runs.add(threads.submit(() -> lane(waiting, place, maker)));
            }
        }
        List<Cell.Result> results = new ArrayList<>();
        for (Future<List<Cell.Result>> run : runs) {
            results.addAll(run.get());
        }
        return results;
    }

    private static List<Cell.Result> lane(Queue<Cell> waiting, Path place, ReceiverMaker maker)
            throws Exception {
        List<Cell.Result> results = new ArrayList<>();
        int number = 0;
        try (Receiver receiver = maker.make(place)) {
            while (true) {
                Cell cell;
                synchronized (waiting) {
                    cell = waiting.poll();
                }
                if (cell == null) {
                    return results;
                }
                Cell.Result result = cell.run(place.resolve("cell-" + number++), receiver);
                results.add(result);
                System.out.println(result);
            }
        }
    }
}
