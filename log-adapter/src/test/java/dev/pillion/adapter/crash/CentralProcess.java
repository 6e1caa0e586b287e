package dev.pillion.adapter.crash;

import dev.pillion.adapter.JsonText;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** log-central as it is shipped, a process of its own that is really killed. */
final class CentralProcess implements Receiver {

    private static final String SPAN = "&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    private final Path jar;
    private final Path folder;
    private final int port;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Process process;

    /**
     * @param jar log-central.jar, beside its libraries
     * @param folder for its data and its log
     */
    CentralProcess(Path jar, Path folder) throws IOException, InterruptedException {
        this.jar = jar;
        this.folder = Files.createDirectories(folder);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        start();
    }

    private void start() throws IOException, InterruptedException {
        process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "-Xmx192m",
                                        "-Dserver.port=" + port,
                                        "-Dcentral.data-directory=" + folder.resolve("data"),
                                        "-jar",
                                        jar.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        new File(folder.toFile(), "central.log")))
                        .start();
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            try {
                if (get("/health/ready", "*/*", HttpResponse.BodyHandlers.discarding()).statusCode()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                // not yet
            }
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("log-central did not start; see " + folder);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private <T> HttpResponse<T> get(String path, String accept, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(endpoint().resolve(path))
                        .header("Accept", accept)
                        .timeout(Duration.ofMinutes(2))
                        .build(),
                handler);
    }

    private static String query(String service, String more) {
        return "?query="
                + URLEncoder.encode(
                        "service.name:=\"" + service + '"' + more, StandardCharsets.UTF_8)
                + SPAN;
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public int count(String service) throws IOException, InterruptedException {
        return total(query(service, ""));
    }

    @Override
    public boolean has(String service, String body) throws IOException, InterruptedException {
        String line = body.lines().findFirst().orElseThrow();
        return total(query(service, " \"" + line + '"')) > 0;
    }

    private int total(String query) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                get(
                        "/api/histogram" + query + "&interval=365d",
                        "application/json",
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 200
                ? Integer.parseInt(JsonText.object(answer.body()).get("total").toString())
                : 0;
    }

    @Override
    public void arrivals(String service, Consumer<Arrival> sink)
            throws IOException, InterruptedException {
        var answer =
                get(
                        "/api/logs" + query(service, "") + "&direction=forward",
                        "application/x-ndjson",
                        HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Map<String, Object> record = JsonText.object(line);
                Map<?, ?> resource = (Map<?, ?>) record.get("resource");
                Map<?, ?> attributes = (Map<?, ?>) record.get("attributes");
                sink.accept(
                        new Arrival(
                                resource.get("log.file.id").toString(),
                                Long.parseLong(attributes.get("log.file.position").toString()),
                                Long.parseLong(record.get("id").toString()),
                                record.get("body").toString()));
            }
        }
    }

    @Override
    public void kill() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        start();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        http.shutdownNow();
    }
}
