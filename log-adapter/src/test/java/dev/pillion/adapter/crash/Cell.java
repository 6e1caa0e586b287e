package dev.pillion.adapter.crash;

import java.nio.file.Path;

/**
 * One cell of the crash matrix: a writer of numbered lines, a way of rotating, an adapter process
 * that is killed (SIGKILL) and started again, a far end that behaves in some way. At the end each
 * line must have arrived once, whole, in order within its file, and adapter and far end must count
 * the same of each file.
 *
 * @param orders the lines
 * @param lines how many are written
 * @param perSecond how fast
 * @param rotation how the file is rotated, seven times
 * @param kills how often the adapter is killed
 * @param farEnd what the far end does
 * @see Run
 */
record Cell(
        Orders orders,
        int lines,
        int perSecond,
        Rotation rotation,
        int kills,
        FarEnd farEnd,
        long seed) {

    enum Rotation {
        NONE,
        RENAME,
        COPYTRUNCATE,
        /**
         * The file is deleted and made anew: by turns once all of it was delivered, so that its
         * inode may come back, and while the adapter still reads it. A file without a name is lost
         * with the last process that has it open, so in the latter case the adapter is killed when
         * it has delivered it.
         */
        DELETE
    }

    /**
     * What came of it.
     *
     * @param arrived what the far end has
     * @param underWay kills while lines were still to be delivered
     * @param agreed whether adapter and far end count the same of each file
     */
    record Result(Cell cell, Orders.Verdict arrived, int underWay, boolean agreed, double seconds) {
        boolean right() {
            return arrived.right() && agreed;
        }

        @Override
        public String toString() {
            return "%-6s  %-12s kills %3d (%d under way)  far end %-11s  lines %d  %s  counts %s  %.1f s"
                    .formatted(
                            cell.orders,
                            cell.rotation,
                            cell.kills,
                            underWay,
                            cell.farEnd,
                            cell.lines,
                            arrived,
                            agreed ? "agree" : "differ",
                            seconds);
        }
    }

    /** The service that its lines are known by at the receiver. */
    String service() {
        return orders + "-" + rotation + "-" + kills + "-" + farEnd;
    }

    Result run(Path folder, Receiver receiver) throws Exception {
        try (Run run = new Run(this, folder, receiver)) {
            return run.go();
        }
    }
}
