package dev.pillion.adapter.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.crash.Cell.Rotation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** The crash matrix's short form: one cell of each kind, with real processes really killed. */
class CrashIT {

    @TempDir Path folder;

    @Test
    void deliversEveryLineOnceThroughKillsRotationsAndOutages() throws Exception {
        List<Cell> cells =
                List.of(
                        new Cell(
                                Orders.LAYOUT,
                                6000,
                                2000,
                                Rotation.COPYTRUNCATE,
                                3,
                                FarEnd.UNAVAILABLE,
                                3),
                        new Cell(Orders.PLAIN, 6000, 2000, Rotation.NONE, 3, FarEnd.SLOW, 1),
                        new Cell(Orders.PLAIN, 6000, 2000, Rotation.RENAME, 3, FarEnd.CUT, 2),
                        new Cell(Orders.LAYOUT, 6000, 2000, Rotation.DELETE, 2, FarEnd.KILLED, 4));
        // A stand-in of its own for each, as it does not tell services apart.
        assertEquals(
                List.of(),
                CrashMatrix.run(cells, cells.size(), folder, place -> new StandIn()).stream()
                        .filter(result -> !result.right())
                        .toList());
    }
}
