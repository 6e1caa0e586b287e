package dev.pillion.k8s.images;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** An image that is not built says what its builder said; needs the launcher's jar. */
class FailedBuildIT {

    @TempDir Path folder;

    /** BuildKit with -q names the step that failed and keeps what the step printed for itself. */
    @Test
    void tellsWhatTheStepPrinted() throws Exception {
        Script.standIn(
                folder,
                "docker",
                """
                [ "$1" = build ] || exit 0
                case " $* " in *' -q '*|*' --quiet '*) ;; *) echo 'wrong answer: 503' ;; esac
                echo 'exit code: 1' >&2
                exit 1
                """);
        Script.of("build-images")
                .before(folder)
                .with("CONTAINER", "docker")
                .run("--base", "example/jre:25", "partner")
                .assertRefused(
                        """
                        Building partner …
                        wrong answer: 503
                        exit code: 1
                        partner was not built""");
    }
}
