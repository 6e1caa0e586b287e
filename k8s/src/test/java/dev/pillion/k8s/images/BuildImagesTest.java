package dev.pillion.k8s.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.images.Script.Ended;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What the scripts for the images say to a person who is wrong; PodsIT uses what they build. */
class BuildImagesTest {

    private static final Script BUILD_IMAGES = Script.of("build-images");

    @TempDir Path folder;

    @Test
    void everyOptionIsInTheHelp() throws Exception {
        Ended help = BUILD_IMAGES.run("--help");
        assertEquals(0, help.exit());
        for (String option :
                List.of("NAME", "--save DIR", "--base IMAGE", "--fresh", "CONTAINER=")) {
            assertTrue(help.output().contains(option), option + " in:\n" + help.output());
        }
        for (String cluster : List.of("kind:", "minikube:", "k3s:", "registry:")) {
            assertTrue(help.output().contains(cluster), cluster + " in:\n" + help.output());
        }
    }

    @Test
    void namesWhatItDoesNotKnow() throws Exception {
        BUILD_IMAGES.run("--sav").assertRefused("--sav is not known; see k8s/build-images --help");
        BUILD_IMAGES
                .run("ambassador")
                .assertRefused(
                        "ambassador is no image; write one of: legacy-app ambassador-proxy"
                                + " log-adapter log-central orders-db partner busybox");
        BUILD_IMAGES.run("--save").assertRefused("--save needs a folder");
        BUILD_IMAGES.run("--base").assertRefused("--base needs an image");
    }

    @Test
    void namesTheBuilderThatIsMissing() throws Exception {
        BUILD_IMAGES
                .with("CONTAINER", "nerdctl")
                .run("busybox")
                .assertRefused("CONTAINER=nerdctl is not on the PATH");
    }

    @Test
    void saysWhyTheBuilderDoesNotWork() throws Exception {
        Script.standIn(folder, "docker", "echo 'Cannot connect to the daemon' >&2; exit 1");
        BUILD_IMAGES
                .before(folder)
                .with("CONTAINER", "docker")
                .run("busybox")
                .assertRefused("docker does not work here: Cannot connect to the daemon");
    }

    @Test
    void takesPodmanUnlessThereIsOnlyDockerOrDockerIsWanted() throws Exception {
        for (String needed : List.of("bash", "dirname", "id", "stat")) {
            Script.standIn(folder, needed, "exec " + onThePath(needed) + " \"$@\"");
        }
        Script alone = BUILD_IMAGES.with("PATH", folder.toString());
        alone.run("busybox")
                .assertRefused(
                        "neither podman nor docker is installed; on Debian: apt-get install podman"
                                + " runc");
        Script.standIn(folder, "docker", "echo no daemon >&2; exit 1");
        alone.run("busybox").assertRefused("docker does not work here: no daemon");
        Script.standIn(folder, "podman", "echo no runtime >&2; exit 1");
        alone.run("busybox").assertRefused("podman does not work here: no runtime");
        alone.with("CONTAINER", "docker")
                .run("busybox")
                .assertRefused("docker does not work here: no daemon");
    }

    private static Path onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    /** Before it builds the layers below, which takes a minute. */
    @Test
    void saysAtOnceWhatMavenHasNotMade() throws Exception {
        Script.standIn(folder, "docker", "exit 0");
        Path checkout = folder.resolve("checkout");
        for (String file : List.of("k8s/build-images", "k8s/container-settings")) {
            Path copy = checkout.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of("..").resolve(file), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        Path jar = checkout.resolve("log-adapter/target/log-adapter.jar");
        Script.of(checkout.resolve("k8s/build-images").toString())
                .before(folder)
                .with("CONTAINER", "docker")
                .run("busybox", "log-adapter", "partner")
                .assertRefused(jar + " is not there; build it with: mvn package -DskipTests");
    }

    @Test
    void saysInALineThatItCannotSave() throws Exception {
        Script.standIn(folder, "docker", "exit 0");
        Path file = Files.createFile(folder.resolve("file"));
        BUILD_IMAGES
                .before(folder)
                .with("CONTAINER", "docker")
                .run("--save", file.toString(), "busybox")
                .assertRefused("--save: " + file + " cannot be written to");
    }

    @Test
    void comparesOnlyWhatIsThere() throws Exception {
        Ended ended = Script.of("compare-archives").run(folder.toString(), folder.toString());
        assertEquals(
                folder
                        + " has no archives; make them with: k8s/build-images --save "
                        + folder
                        + "\n",
                ended.output());
        assertEquals(2, ended.exit());
    }

    @Test
    void footprintNamesWhatItDoesNotKnow() throws Exception {
        Script footprint = Script.of("footprint");
        footprint
                .run("busybox")
                .assertRefused(
                        "busybox is not measured; write one of: ambassador-proxy log-adapter"
                                + " log-central legacy-app");
        assertEquals(0, footprint.run("--help").exit());
    }
}
