package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pillion.k8s.manifests.Manifests;
import dev.pillion.launcher.pods.Podman;
import dev.pillion.launcher.pods.Rendering;
import dev.pillion.launcher.pods.RunningPod;
import dev.pillion.launcher.pods.RunningPods;

import io.fabric8.kubernetes.api.model.HasMetadata;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Folders of this module as running pods, with what a test asks of them. Registered with a test
 * class, they run from before its first test until after its last.
 */
final class TestedPods implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> folders;
    private RunningPods pods;

    private TestedPods(List<String> folders) {
        this.folders = folders;
    }

    /** The pods of these folders, started together; the images are built if need be. */
    static TestedPods of(String... folders) {
        return new TestedPods(List.of(folders));
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (Podman.missing().isPresent()) {
            // Each test says so: a class that is given up as a whole counts none as skipped.
            return;
        }
        Images.build();
        List<HasMetadata> objects = new ArrayList<>();
        for (String folder : folders) {
            objects.addAll(Manifests.built(folder));
        }
        Path volumes = Files.createTempDirectory("pillion-pods");
        pods =
                new RunningPods(
                        new Podman(Manifests.FOLDER),
                        new Rendering(objects),
                        volumes,
                        (pod, after) -> {});
        pods.start();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        Optional<String> missing = Podman.missing();
        assumeTrue(missing.isEmpty(), () -> missing.get());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        client.shutdownNow();
        if (pods != null) {
            pods.close();
        }
    }

    RunningPod pod(String name) {
        return pods.pod(name);
    }

    /** Edits a ConfigMap as {@code kubectl edit} does. */
    void edit(String map, String key, String value) throws IOException {
        Files.writeString(pods.configMap(map).resolve(key), value);
    }

    URI address(String pod, int port, String path) {
        return URI.create("http://" + pods.pod(pod).address() + ":" + port + path);
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
    }

    String get(String pod, int port, String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(address(pod, port, path))).body();
    }

    /** What is in a file of a volume, read from outside of the pod. */
    byte[] file(String pod, String volume, String file) throws IOException {
        return Files.readAllBytes(pods.volume(pod, volume).resolve(file));
    }
}
