package dev.pillion.legacy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The packaged application in a process of its own. Test classes stand before it on the class path:
 * they point it at the database and the partner of the test.
 */
final class RunningApp implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);

    final Process process;
    final Path output;
    final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningApp(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    /** Starts it and does not wait. */
    static RunningApp start(Path folder, String... properties) throws IOException {
        int port = freePort();
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx160m");
        command.add("-Dserver.port=" + port);
        command.add("-Dserver.host=127.0.0.1");
        command.add("-Dapp.log-directory=" + folder.resolve("logs"));
        Arrays.stream(properties).map(property -> "-D" + property).forEach(command::add);
        command.add("-cp");
        command.add("target/test-classes:target/legacy-app.jar");
        command.add(Main.class.getName());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        return new RunningApp(process, output, port);
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return http.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> getLater(String path) {
        return http.sendAsync(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    boolean refusesConnections() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    /** Waits until it is so. */
    void awaitThat(String what, Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!so.call()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError(
                        "not so: " + what + System.lineSeparator() + Files.readString(output));
            }
            process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("User-Agent", "it/1.0 \"quoted\"");
    }

    /** Asks until the answer is as wanted. */
    HttpResponse<String> await(String path, Predicate<HttpResponse<String>> wanted)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        String last = "no answer";
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                HttpResponse<String> answer = get(path);
                if (wanted.test(answer)) {
                    return answer;
                }
                last = answer.statusCode() + " " + answer.body();
            } catch (IOException notYet) {
                last = notYet.toString();
            }
            process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
        throw new AssertionError(path + ": " + last + "\n" + Files.readString(output));
    }

    /** Ends it as Kubernetes would. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("still alive 20 s after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
