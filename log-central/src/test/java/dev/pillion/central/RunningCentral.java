package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The service as it is shipped, in a process of its own. */
final class RunningCentral implements AutoCloseable {

    private static final long START_WITHIN_MILLIS = 120_000;
    private static final String PORT = "-Dserver.port=";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path directory;
    private final int port;
    private final Process process;
    private final Path output;

    RunningCentral(Path directory, String... settings) throws IOException, InterruptedException {
        this.directory = directory;
        this.port =
                Arrays.stream(settings)
                        .filter(setting -> setting.startsWith(PORT))
                        .mapToInt(setting -> Integer.parseInt(setting.substring(PORT.length())))
                        .findFirst()
                        .orElse(freePort());
        this.output = Files.createTempFile("log-central", ".out");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m");
        // These start a quarter faster; what is tested is what it does, not how fast.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add(PORT + port);
        command.add("-Dcentral.data-directory=" + directory);
        command.addAll(List.of(settings));
        command.add("-jar");
        command.add(Path.of("target", "log-central.jar").toAbsolutePath().toString());
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        awaitReady();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.currentTimeMillis() + START_WITHIN_MILLIS;
        while (System.currentTimeMillis() < end && process.isAlive()) {
            try {
                if (get("/health/ready").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not yet; the end of the process would be seen at once.
                process.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
        process.destroyForcibly();
        throw new IOException("log-central did not start:\n" + Files.readString(output));
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    HttpResponse<byte[]> send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                request(path, headers).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    /** A figure of the kernel's about the process: VmRSS in KiB, Threads. */
    long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    Path directory() {
        return directory;
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                request(path, headers).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /** How many records a query finds. */
    int count(String query) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                get(
                        "/api/logs?limit=1000&query=" + encoded(query),
                        "Accept",
                        "application/x-ndjson");
        assertEquals(200, answer.statusCode(), answer.body());
        return (int) answer.body().lines().count();
    }

    HttpResponse<byte[]> getBytes(String path, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                request(path, headers).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<InputStream> stream(String path, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                request(path, headers).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpResponse<byte[]> post(byte[] body, String... headers)
            throws IOException, InterruptedException {
        return post("/v1/logs", body, headers);
    }

    HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                request(path, headers).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + path));
        return headers.length > 0 ? request.headers(headers) : request;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
