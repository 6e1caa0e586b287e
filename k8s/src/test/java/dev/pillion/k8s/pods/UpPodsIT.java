package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.k8s.flows.UpRun;
import dev.pillion.launcher.pods.Podman;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The script {@code ./up --pods} as a person uses it. */
class UpPodsIT {

    @TempDir Path folder;

    @Test
    void startsThePodsShowsWhereTheyAreAndLeavesNothing() throws Exception {
        Optional<String> missing = Podman.missing();
        assumeTrue(missing.isEmpty(), () -> missing.get());
        Images.build();
        Path data = folder.resolve("data");
        try (UpRun run = UpRun.start(folder.resolve("out"), data, "--pods")) {
            run.awaitLine("Ctrl-C removes all of it.");
            List<URI> addresses =
                    Pattern.compile("http://\\S+")
                            .matcher(run.output())
                            .results()
                            .map(match -> URI.create(match.group()))
                            .toList();
            assertEquals(5, addresses.size(), run.output());
            for (URI address : addresses) {
                assertEquals(200, status(address), address.toString());
            }
            run.interrupt();
            assertEquals(UpRun.INTERRUPTED, run.awaitEnd(), run.output());
            assertTrue(run.output().endsWith("stopped; nothing is left\n"), run.output());
        }
        assertFalse(Files.exists(data.resolve("pods/running")));
    }

    @Test
    void saysInOneLineWhatIsMissing() throws Exception {
        Path jdk = Path.of(System.getProperty("java.home"));
        ProcessBuilder builder = new ProcessBuilder("../up", "--pods").redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("PATH", programsOfTheScript().toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor(), said);
        assertTrue(said.startsWith("./up --pods needs podman; "), said);
        assertEquals(1, said.lines().count(), said);
    }

    /** All that the script needs before it looks for podman. */
    private Path programsOfTheScript() throws IOException {
        Path programs = Files.createDirectory(folder.resolve("bin"));
        for (String name : List.of("bash", "dirname", "uname")) {
            Path program = programs.resolve(name);
            Files.writeString(program, "#!/bin/bash\nexec /usr/bin/" + name + " \"$@\"\n");
            assertTrue(program.toFile().setExecutable(true));
        }
        return programs;
    }

    private static int status(URI address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(address).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
