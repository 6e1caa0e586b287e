package dev.pillion.k8s.pods;

import dev.pillion.k8s.manifests.Manifests;
import dev.pillion.launcher.pods.Podman;
import dev.pillion.launcher.pods.Rendering;
import dev.pillion.launcher.pods.RunningPod;
import dev.pillion.launcher.pods.RunningPods;

import io.fabric8.kubernetes.api.model.HasMetadata;

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

/** Folders of this module as running pods, with what a test asks of them. */
final class TestedPods implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private final RunningPods pods;

    private TestedPods(RunningPods pods) {
        this.pods = pods;
    }

    /** Builds the images if need be, renders the folders and starts their pods together. */
    static TestedPods start(String... folders) throws IOException, InterruptedException {
        Images.build();
        List<HasMetadata> objects = new ArrayList<>();
        for (String folder : folders) {
            objects.addAll(Manifests.built(folder));
        }
        Path volumes = Files.createTempDirectory("pillion-pods");
        RunningPods pods =
                new RunningPods(
                        new Podman(Manifests.FOLDER),
                        new Rendering(objects),
                        volumes,
                        (pod, after) -> {});
        try {
            pods.start();
        } catch (IOException e) {
            pods.close();
            throw e;
        }
        return new TestedPods(pods);
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

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        pods.close();
    }
}
