package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The jar as it is started: its addresses, its start-up mistakes, its end. */
class ServiceIT {

    @TempDir Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private int port;

    /** Started, and answering unless it had to end; at another port if somebody took the first. */
    private Process start(String... properties) throws Exception {
        while (true) {
            Process process = launch(properties);
            Wait.until(() -> !process.isAlive() || ok("/health/live"), () -> "not started");
            if (process.isAlive()
                    || !Files.readString(folder.resolve("err")).contains("cannot listen")) {
                return process;
            }
        }
    }

    private Process launch(String... properties) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dadapter.include=" + Files.createDirectories(folder.resolve("logs")) + "/*");
        command.add("-Dserver.port=" + port);
        command.addAll(List.of(properties));
        command.addAll(List.of("-jar", "target/log-adapter.jar"));
        return new ProcessBuilder(command)
                .redirectOutput(new File(folder.toFile(), "out"))
                .redirectError(new File(folder.toFile(), "err"))
                .start();
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    private HttpResponse<String> get(String path, String... headers) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean ok(String path) {
        HttpResponse<String> answer = get(path);
        return answer != null && answer.statusCode() == 200;
    }

    @Test
    void answersWhileTheFarEndIsDownAndStopsPromptly() throws Exception {
        Process process =
                start(
                        "-Dadapter.state-directory=" + folder.resolve("state"),
                        "-Dadapter.endpoint=http://localhost:9");
        try {
            Files.writeString(
                    folder.resolve("logs/app.log"),
                    "2026-11-22 20:51:43,001 INFO  [main] shop.A - <b>one</b>\n".repeat(3));
            Wait.until(() -> ok("/health/started"), () -> "not started");
            Wait.until(() -> get("/files").body().contains("app.log"), () -> get("/files").body());
            assertTrue(ok("/health/ready"));
            assertTrue(get("/metrics").body().contains("adapter_lag_bytes"));
            assertTrue(get("/openapi").body().contains("/api/preview"));
            HttpResponse<String> page = get("/");
            assertTrue(
                    page.headers()
                            .firstValue("Content-Security-Policy")
                            .orElse("")
                            .contains("default-src 'none'"));
            String preview = get("/api/preview?path=" + folder.resolve("logs/app.log")).body();
            assertTrue(preview.contains("\"body\":\"<b>one</b>\""), preview);
            assertEquals(404, get("/app.log").statusCode());
            process.destroy();
            assertTrue(process.waitFor(15, TimeUnit.SECONDS), "still there");
            assertFalse(Files.readString(folder.resolve("err")).contains("\tat "));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void showsWhatBothSidesCountAndTheLagOfEachFile() throws Exception {
        Path file = Files.createDirectories(folder.resolve("logs")).resolve("app.log");
        String line = "2026-11-22 20:51:43,001 INFO  [main] shop.A - one\n";
        Files.writeString(file, line + line + "\tat shop.A.b(A.java:1)\n" + line);
        Process process = null;
        try (FakeCentral central = new FakeCentral()) {
            process =
                    start(
                            "-Dadapter.state-directory=" + folder.resolve("state"),
                            "-Dadapter.reconcile-interval=PT0.1S",
                            "-Dadapter.endpoint=" + central.endpoint());
            Wait.until(() -> ok("/health/started"), () -> "not started");
            Wait.until(() -> get("/files").body().contains("agrees"), () -> get("/files").body());
            String counts =
                    "{\"records\":3,\"position\":" + (Files.size(file) - line.length()) + "}";
            String files = get("/files").body();
            assertTrue(
                    files.contains(
                            "\"acknowledged\":%s,\"central\":%s,\"agrees\":true"
                                    .formatted(counts, counts)),
                    files);
            String label = "{file=\"" + file + "\"";
            Wait.until(
                    () -> get("/metrics").body().contains("adapter_file_lag_bytes" + label),
                    () -> get("/metrics").body());
            // Counted last of all.
            Wait.until(
                    () ->
                            value(get("/metrics").body(), "adapter_bytes_delivered_total")
                                    == file.toFile().length(),
                    () -> get("/metrics").body());
            String metrics = get("/metrics").body();
            assertEquals(0, value(metrics, "adapter_file_lag_bytes" + label));
            assertEquals(0, value(metrics, "adapter_file_lag_seconds" + label));
            assertEquals(3, value(metrics, "adapter_records_delivered_total"));
            assertEquals(4, value(metrics, "adapter_lines_delivered_total"));
            assertEquals(0, value(metrics, "adapter_retries_total"));
            assertEquals(0, value(metrics, "adapter_gaps_total"));
            assertEquals(0, value(metrics, "adapter_parse_misses_total"));
            assertEquals(0, value(metrics, "adapter_files_disagreeing"));
            central.mood(FakeCentral.Mood.UNAVAILABLE);
            Files.writeString(file, line, StandardOpenOption.APPEND);
            Wait.until(
                    () -> value(get("/metrics").body(), "adapter_file_lag_seconds" + label) > 0.5,
                    () -> get("/metrics").body());
            assertEquals(
                    line.length(), value(get("/metrics").body(), "adapter_file_lag_bytes" + label));
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** The value of the one series whose name and labels begin so; -1 if there is none. */
    private static double value(String metrics, String series) {
        return metrics.lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void servesRawFilesAsExporterAndNothingElse() throws Exception {
        Process process =
                start(
                        "-Dadapter.role=exporter",
                        "-Dadapter.state-directory=" + folder.resolve("state"));
        try {
            Files.writeString(folder.resolve("logs/app.log"), "0123456789\nnext\n");
            Files.writeString(folder.resolve("secret"), "no");
            Wait.until(() -> ok("/app.log"), () -> "not served");
            assertEquals("0123456789\nnext\n", get("/app.log").body());
            HttpResponse<String> part = get("/app.log", "Range", "bytes=2-4");
            assertEquals(206, part.statusCode());
            assertEquals("234", part.body());
            assertEquals(416, get("/app.log", "Range", "bytes=900-").statusCode());
            HttpResponse<String> ignored = get("/app.log", "Range", "bytes=0-1,3-4");
            assertEquals(200, ignored.statusCode());
            assertEquals("0123456789\nnext\n", ignored.body());
            HttpResponse<String> head =
                    http.send(
                            HttpRequest.newBuilder(uri("/app.log")).HEAD().build(),
                            HttpResponse.BodyHandlers.ofString());
            assertEquals(200, head.statusCode());
            assertEquals("16", head.headers().firstValue("Content-Length").orElse(""));
            assertEquals("", head.body());
            Files.createSymbolicLink(folder.resolve("logs/today.log"), Path.of("app.log"));
            assertEquals("0123456789\nnext\n", get("/today.log").body());
            Files.createSymbolicLink(folder.resolve("logs/out.log"), Path.of("../secret"));
            assertEquals(404, get("/out.log").statusCode());
            assertEquals(404, get("/..%2Fsecret").statusCode());
            assertTrue(ok("/metrics"));
            Wait.until(
                    () -> {
                        try {
                            return Files.readString(folder.resolve("out")).contains("0123456789");
                        } catch (IOException e) {
                            return false;
                        }
                    },
                    () -> "nothing on standard output");
        } finally {
            process.destroyForcibly();
        }
    }

    /** The streaming sidecar: what the application writes, and nothing twice while it lives. */
    @Test
    void writesEachLineOnceToStandardOutputByItsTemplate() throws Exception {
        Path file = Files.createDirectories(folder.resolve("logs")).resolve("app.log");
        Files.writeString(file, "one\n\tat shop.A.b(A.java:1)\n");
        Process process =
                start(
                        "-Dadapter.sink=stdout",
                        "-Dadapter.file.template=app: ${line}",
                        "-Dadapter.state-directory=" + folder.resolve("state"));
        try {
            Wait.until(() -> lines("app: ").size() == 2, () -> lines("").toString());
            Files.move(file, folder.resolve("logs/app.log.1"));
            Files.writeString(file, "two\r\n€\nthe last, without its end");
            process.destroy();
            assertTrue(process.waitFor(15, TimeUnit.SECONDS), "still there");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(
                List.of(
                        "app: one",
                        "app: \tat shop.A.b(A.java:1)",
                        "app: two",
                        "app: €",
                        "app: the last, without its end"),
                lines("app: "));
        // All else are events of its own.
        assertTrue(
                lines("").stream().allMatch(l -> l.startsWith("app: ") || l.startsWith("{")),
                () -> lines("").toString());
        process =
                start(
                        "-Dadapter.sink=stdout",
                        "-Dadapter.state-directory=" + folder.resolve("state"));
        try {
            Files.writeString(file, "\nthree\n", StandardOpenOption.APPEND);
            Wait.until(() -> lines("three").size() == 1, () -> lines("").toString());
            assertEquals(
                    List.of("", "three"),
                    lines("").stream().filter(l -> !l.startsWith("{")).toList());
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> lines(String beginning) {
        try {
            return Files.readAllLines(folder.resolve("out")).stream()
                    .filter(line -> line.startsWith(beginning))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** More than there may be at one time, in each way not to finish a request. */
    @Test
    void endsConnectionsWithoutARequest() throws Exception {
        Files.createDirectories(folder.resolve("logs"));
        Process process =
                start(
                        "-Dserver.idle-connection-timeout=PT2S",
                        "-Dadapter.state-directory=" + folder.resolve("state"));
        List<Socket> others = new ArrayList<>();
        try {
            Wait.until(() -> ok("/health/ready"), () -> "not ready");
            for (String begun :
                    List.of(
                            "",
                            "GET",
                            "GET / HTTP/1.1\r\nX: ",
                            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")) {
                for (int i = 0; i < 20; i++) {
                    Socket socket = new Socket("localhost", port);
                    socket.setSoTimeout(60_000);
                    others.add(socket);
                    say(socket, begun);
                }
            }
            for (Socket socket : others) {
                ended(socket);
            }
            assertTrue(ok("/health/live"));
        } finally {
            for (Socket socket : others) {
                socket.close();
            }
            process.destroyForcibly();
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** Whatever it is told before, an answer of refusal or nothing. */
    private static void ended(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            // An end too.
        }
    }

    @Test
    void saysEveryMistakeInOneLineEachAndEnds() throws Exception {
        Process process =
                start(
                        "-Dadapter.state-directory=/proc/none",
                        "-Dadapter.endpoint=central",
                        "-Dadapter.workers=many",
                        "-Dadapter.worker=4",
                        "-Dserver.port=many");
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(1, process.exitValue());
        List<String> lines = Files.readAllLines(folder.resolve("err"));
        assertEquals(5, lines.size(), lines::toString);
        assertEquals(
                List.of(
                        "adapter.worker",
                        "adapter.endpoint",
                        "adapter.state-directory",
                        "adapter.workers",
                        "server.port"),
                lines.stream().map(line -> line.split(":", 2)[0]).toList());
        assertFalse(String.join("\n", lines).contains("Exception in"));
    }
}
