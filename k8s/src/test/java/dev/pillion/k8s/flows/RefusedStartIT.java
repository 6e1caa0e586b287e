package dev.pillion.k8s.flows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.mount.MountedDirectory;
import dev.pillion.launcher.process.FreePort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A start that cannot succeed ends with one line that names what is wrong and how to mend it. */
class RefusedStartIT {

    private static final Map<String, String> ROUTES =
            Map.of(
                    "route.orders-db.protocol", "postgres",
                    "route.orders-db.listen", "127.0.0.1:0",
                    "route.orders-db.upstream", "localhost:5432",
                    "route.orders-db.database", "orderdesk");
    private static final Map<String, String> SECRETS =
            Map.of("route.orders-db.user", "u", "route.orders-db.password", "s3cr3t");

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"legacy-app", "ambassador-proxy", "log-adapter", "log-central"})
    void namesThePortThatIsTaken(String module) throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0));
            mount(ROUTES, SECRETS);
            Ended ended = start(module, taken.getLocalPort());
            assertNotEquals(0, ended.exitCode());
            ended.saysInOneLine(Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void namesTheRouteThatCannotBeParsed() throws Exception {
        mount(with(ROUTES, "route.orders-db.upstream", "db:"), SECRETS);
        Ended ended = start("ambassador-proxy", FreePort.choose());
        assertNotEquals(0, ended.exitCode());
        ended.saysInOneLine("route.orders-db.upstream: 'db:' has no port; write host:port");
    }

    @Test
    void namesTheSecretThatIsMissing() throws Exception {
        mount(ROUTES, Map.of("route.orders-db.user", "u"));
        Ended ended = start("ambassador-proxy", FreePort.choose());
        assertNotEquals(0, ended.exitCode());
        ended.saysInOneLine("route.orders-db.password");
    }

    @Test
    void neverPrintsASecret() throws Exception {
        mount(with(ROUTES, "route.orders-db.tls", "perhaps"), SECRETS);
        Ended ended = start("ambassador-proxy", FreePort.choose());
        assertNotEquals(0, ended.exitCode());
        ended.saysInOneLine("route.orders-db.tls");
        assertTrue(!ended.errors().contains("s3cr3t") && !ended.output().contains("s3cr3t"));
    }

    private record Ended(int exitCode, String output, String errors) {

        void saysInOneLine(String expected) {
            List<String> lines = errors.lines().filter(line -> !line.isBlank()).toList();
            assertEquals(1, lines.size(), errors);
            assertTrue(lines.getFirst().contains(expected), errors);
        }
    }

    private void mount(Map<String, String> routes, Map<String, String> secrets) throws IOException {
        new MountedDirectory(folder.resolve("routes"), Clock.systemUTC()).replace(routes);
        new MountedDirectory(folder.resolve("secrets"), Clock.systemUTC()).replace(secrets);
    }

    private static Map<String, String> with(Map<String, String> keys, String key, String value) {
        Map<String, String> changed = new HashMap<>(keys);
        changed.put(key, value);
        return changed;
    }

    private Ended start(String module, int port) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dserver.port=" + port,
                                "-Dapp.log-directory=" + folder.resolve("logs"),
                                "-Dambassador.routes-directory=" + folder.resolve("routes"),
                                "-Dambassador.secrets-directory=" + folder.resolve("secrets"),
                                "-Dadapter.include=" + folder.resolve("logs") + "/*",
                                "-Dadapter.endpoint=http://localhost:9",
                                "-Dadapter.state-directory=" + folder.resolve("state"),
                                "-Dcentral.data-directory=" + folder.resolve("data"),
                                "-jar",
                                "../" + module + "/target/" + module + ".jar"));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(module + " did not end: " + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readString(output), Files.readString(errors));
    }
}
