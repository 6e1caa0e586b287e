package dev.pillion.adapter.crash;

import dev.pillion.adapter.crash.Cell.FarEnd;
import dev.pillion.adapter.crash.Cell.Rotation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole matrix as a program: {@code bench/crash [lines] [per second] [kills,kills,…] [at the
 * same time]}. Exit code 1 if a line was lost, doubled or out of order.
 */
public final class CrashMatrix {

    private CrashMatrix() {}

    public static void main(String[] args) throws Exception {
        int lines = args.length > 0 ? Integer.parseInt(args[0]) : 60_000;
        int perSecond = args.length > 1 ? Integer.parseInt(args[1]) : 5_000;
        String[] kills = (args.length > 2 ? args[2] : "0,8,20").split(",", 0);
        int parallel = args.length > 3 ? Integer.parseInt(args[3]) : 3;
        String only = args.length > 4 ? args[4] : "";
        List<Cell> cells = new ArrayList<>();
        long seed = 4711;
        for (Rotation rotation : Rotation.values()) {
            for (String kill : kills) {
                for (FarEnd farEnd : FarEnd.values()) {
                    if ((rotation + "/" + farEnd).contains(only)) {
                        cells.add(
                                new Cell(
                                        lines,
                                        perSecond,
                                        rotation,
                                        Integer.parseInt(kill),
                                        farEnd,
                                        seed++));
                    }
                }
            }
        }
        List<Cell.Result> results = run(cells, parallel, Files.createTempDirectory("crash"));
        long wrong = results.stream().filter(r -> !r.right()).count();
        System.out.printf("%d cells, %d of them wrong%n", results.size(), wrong);
        System.exit(wrong == 0 ? 0 : 1);
    }

    static List<Cell.Result> run(List<Cell> cells, int parallel, Path folder) throws Exception {
        List<Cell.Result> results = new ArrayList<>();
        List<Cell> waiting = new ArrayList<>(cells);
        List<Thread> threads = new ArrayList<>();
        List<Throwable> faults = new ArrayList<>();
        for (int i = 0; i < parallel; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (true) {
                                            Cell cell;
                                            synchronized (results) {
                                                if (waiting.isEmpty()) {
                                                    return;
                                                }
                                                cell = waiting.removeFirst();
                                            }
                                            try {
                                                Path place =
                                                        folder.resolve(
                                                                cell.rotation()
                                                                        + "-"
                                                                        + cell.kills()
                                                                        + "-"
                                                                        + cell.farEnd());
                                                Cell.Result result = cell.run(place);
                                                synchronized (results) {
                                                    results.add(result);
                                                    System.out.println(result);
                                                }
                                            } catch (Exception | Error e) {
                                                synchronized (results) {
                                                    faults.add(e);
                                                }
                                            }
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!faults.isEmpty()) {
            throw new IllegalStateException(faults.getFirst());
        }
        return results;
    }
}
