package dev.pillion.launcher.suite;

import java.io.IOException;

/** Is told of each step of a start. */
@FunctionalInterface
public interface Progress {

    /** Something that takes a while. */
    @FunctionalInterface
    interface Step {
        /**
         * Does it.
         *
         * @throws IOException if it fails; the start ends
         */
        void run() throws IOException;
    }

    /** Says nothing, does everything. */
    Progress SILENT = (name, step) -> step.run();

    /**
     * Runs a step and tells of it.
     *
     * @param name what is started
     * @param step starts it
     * @throws IOException what the step throws
     */
    void step(String name, Step step) throws IOException;
}
