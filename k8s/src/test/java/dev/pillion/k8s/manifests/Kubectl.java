package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One kubectl of this machine. Kustomize is part of it, and differs from version to version.
 *
 * @param program the executable
 */
record Kubectl(Path program) {

    private static final long DEADLINE_SECONDS = 60;

    /**
     * All that are found: {@code kubectl} and {@code kubectl.<version>} in the folders of the PATH,
     * and beside what they are links to. The test is skipped where there is none.
     */
    static List<Kubectl> all() {
        TreeMap<Path, Kubectl> found = new TreeMap<>();
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            for (Path program : programs(Path.of(folder))) {
                Path real = real(program);
                found.put(real, new Kubectl(real));
                programs(real.getParent()).forEach(p -> found.put(real(p), new Kubectl(real(p))));
            }
        }
        assumeFalse(
                found.isEmpty(),
                "kubectl is not installed; see https://kubernetes.io/docs/tasks/tools/");
        return List.copyOf(found.values());
    }

    private static List<Path> programs(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("kubectl(\\.[0-9.]+)?"))
                    .filter(Files::isExecutable)
                    .toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    private static Path real(Path program) {
        try {
            return program.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Builds a kustomization.
     *
     * @param target a folder, or a remote address as kustomize takes it
     * @return the YAML, or what kubectl complained about
     */
    Build build(String target) {
        return run(List.of("kustomize", target));
    }

    private Build run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            CompletableFuture<String> errors =
                    CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            String output = text(process.getInputStream());
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Build(output, "no answer within " + DEADLINE_SECONDS + " s", false);
            }
            return new Build(output, errors.join(), process.exitValue() == 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String text(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What came of a build.
     *
     * @param yaml standard output
     * @param complaint standard error
     * @param succeeded whether the exit code was 0
     */
    record Build(String yaml, String complaint, boolean succeeded) {}
}
