package dev.pillion.k8s.pods;

import dev.pillion.k8s.manifests.Manifests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The images of this checkout, built once for all tests. */
final class Images {

    private static final long DEADLINE_MINUTES = 8;

    private static boolean built;

    private Images() {}

    static synchronized void build() throws IOException, InterruptedException {
        if (built) {
            return;
        }
        Path log = Manifests.FOLDER.resolve("target/build-images.log");
        Process build =
                new ProcessBuilder(Manifests.FOLDER.resolve("build-images").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended = build.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES);
        if (!ended || build.exitValue() != 0) {
            build.destroyForcibly();
            throw new IOException("k8s/build-images failed:\n" + Files.readString(log));
        }
        built = true;
    }
}
