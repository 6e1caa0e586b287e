package dev.pillion.k8s.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A script, of this folder or by its path, run with what a test puts before the machine's programs.
 */
record Script(String name, Map<String, String> environment) {

    private static final Path FOLDER = Path.of("").toAbsolutePath();

    static Script of(String name) {
        return new Script(name, Map.of());
    }

    Script with(String variable, String value) {
        Map<String, String> all = new HashMap<>(environment);
        all.put(variable, value);
        return new Script(name, all);
    }

    /** Finds the programs in {@code folder} before those of the machine. */
    Script before(Path folder) {
        return with("PATH", folder + ":" + System.getenv("PATH"));
    }

    Ended run(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Stream.concat(
                                                Stream.of(FOLDER.resolve(name).toString()),
                                                Stream.of(arguments))
                                        .toList())
                        .redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("CONTAINER", "CONTAINERS_CONF"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    /** Makes a program of one shell line. */
    static void standIn(Path folder, String name, String line) throws IOException {
        Path program = folder.resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    record Ended(int exit, String output) {

        void assertRefused(String line) {
            assertEquals(line, output.strip());
            assertEquals(1, exit);
        }
    }
}
