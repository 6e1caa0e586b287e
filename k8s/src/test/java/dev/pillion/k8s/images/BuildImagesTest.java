package dev.pillion.k8s.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the scripts for the images say to a person who is wrong; PodsIT uses what they build. */
class BuildImagesTest {

    private static final Path SCRIPTS = Path.of("").toAbsolutePath();

    @TempDir Path folder;

    @Test
    void everyOptionIsInTheHelp() throws Exception {
        Ended help = run("build-images", Map.of(), "--help");
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
        assertRefused("--sav is not known; see k8s/build-images --help", run("--sav"));
        assertRefused(
                "ambassador is no image; write one of: legacy-app ambassador-proxy log-adapter"
                        + " log-central orders-db partner busybox",
                run("ambassador"));
        assertRefused("--save needs a folder", run("--save"));
        assertRefused("--base needs an image", run("--base"));
    }

    @Test
    void namesTheBuilderThatIsMissing() throws Exception {
        assertRefused(
                "CONTAINER=nerdctl is not on the PATH",
                run("build-images", Map.of("CONTAINER", "nerdctl"), "busybox"));
    }

    @Test
    void saysWhyTheBuilderDoesNotWork() throws Exception {
        Path docker = folder.resolve("docker");
        Files.writeString(docker, "#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n");
        Files.setPosixFilePermissions(docker, PosixFilePermissions.fromString("rwxr-xr-x"));
        Ended ended =
                run(
                        "build-images",
                        Map.of("CONTAINER", "docker", "PATH", folder + ":" + System.getenv("PATH")),
                        "busybox");
        assertRefused("docker does not work here: Cannot connect to the daemon", ended);
    }

    @Test
    void footprintNamesWhatItDoesNotKnow() throws Exception {
        assertRefused(
                "busybox is not measured; write one of: ambassador-proxy log-adapter log-central"
                        + " legacy-app",
                run("footprint", Map.of(), "busybox"));
        assertEquals(0, run("footprint", Map.of(), "--help").exit());
    }

    private static void assertRefused(String line, Ended ended) {
        assertEquals(line, ended.output().strip());
        assertEquals(1, ended.exit());
    }

    private static Ended run(String argument) throws IOException, InterruptedException {
        return run("build-images", Map.of(), argument);
    }

    private static Ended run(String script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private record Ended(int exit, String output) {}
}
