package dev.pillion.ambassador;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/** Tests of a whole ambassador: the outside is there for all of them, the seat is new for each. */
abstract class BesideTheOutside {

    @TempDir static Path folder;

    static Outside outside;

    @TempDir Path mounts;

    MountedAmbassador seat;

    @BeforeAll
    static void startTheOutside() throws IOException {
        outside = Outside.start(folder);
    }

    @AfterAll
    static void stopTheOutside() throws IOException {
        outside.close();
    }

    @BeforeEach
    void start() throws IOException {
        seat = new MountedAmbassador(mounts, outside);
    }

    @AfterEach
    void stop() {
        seat.close();
    }
}
